import { BadInputError } from '@factory/domain';
import { type ReadingRules, MISSING_MARKS, separatorWord } from '@factory/rows';
import { parseSources, type SourceDefinition } from '@factory/source';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, parseDocument } from 'yaml';
import { z } from 'zod';
import { shellWord } from './column-kinds';
import { numbered } from './import-tables';

export interface SourcesEntryOptions {
  readonly source: string;
  /** The source's name with underscores: the prefix of its tables. */
  readonly word: string;
  readonly connectionEnv: string;
  /** Names, the default goal first. */
  readonly goals: readonly string[];
  /** Feature tables. */
  readonly featureTables: readonly string[];
  /** The times of the visits are unknown. */
  readonly noTime: boolean;
  /** Reading rules of the source's files; only rules that differ from the default are written. */
  readonly rules: ReadingRules;
}

/**
 * The text of sources.yaml with the imported source in it; comments and other sources stay as they are.
 *
 * @param text undefined = the file does not exist yet
 * @throws BadInputError `source-exists` when the name belongs to a source that was not imported
 * @throws BadInputsError `invalid-sources`
 */
export function withImportedSource(text: string | undefined, options: SourcesEntryOptions): string {
  const hasSources = text !== undefined && text.trim() !== '';
  // What is refused is refused before a document is made of it.
  if (hasSources) parseSources(text);
  const document = hasSources ? parseDocument(text) : new Document({ sources: {} });
  if (hasSources && document.errors.length > 0) parseSources(text);
  const path = ['sources', options.source];
  const before = document.getIn(path);
  const entry = entryOf(options, isMap(before) ? declaredCoverage(before.toJSON()) : new Map());
  if (isMap(before)) {
    if (document.getIn([...path, 'visits', 'table']) !== entry.visits.table) {
      throw new BadInputError('source-exists', {
        field: 'source',
        value: options.source,
        todo: 'choose another name: sources.yaml declares a source of this name that was not imported',
      });
    }
    if (isDeepStrictEqual(before.toJSON(), entry)) return text ?? '';
  }
  document.setIn(path, document.createNode(entry));
  const changed = document.toString({ lineWidth: 110 });
  parseSources(changed);
  return changed;
}

/** The text of a file, or undefined if it does not exist. */
export function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Writes a file so that no reader ever sees half of it. */
export function replaceFile(file: string, text: string): void {
  const next = `${file}.next`;
  writeFileSync(next, text);
  renameSync(next, file);
}

/** The source as currently declared in sources.yaml. @throws BadInputsError `invalid-sources` */
export function declaredSource(text: string | undefined, source: string): SourceDefinition | undefined {
  return text === undefined || text.trim() === '' ? undefined : parseSources(text).get(source);
}

/**
 * All products of a source have the same goals, either all or none have times, and their files are read by the same
 * rules: `factory score` cannot know which product a file belongs to.
 *
 * @throws BadInputError `goals-differ`, `times-differ`, `rules-differ`
 */
export function checkSameSource(before: SourceDefinition | undefined, entry: SourcesEntryOptions): void {
  if (!before) return;
  const goals = Object.keys(before.goals);
  const refuse = (code: string, field: string, value: unknown, todo: string): never => {
    throw new BadInputError(code, {
      field: `${field} of source ${entry.source}`,
      value,
      todo: `import the product into a separate source, or ${todo}`,
    });
  };
  const tables = entry.goals.map((goal, at) => [goal, numbered(entry.word, 'goal', at)] as const);
  const isSame = tables.every(([goal, table]) => {
    const declared = Object.hasOwn(before.goals, goal) ? before.goals[goal] : undefined;
    return declared !== undefined && 'table' in declared && declared.table === table;
  });
  if (goals.length !== entry.goals.length || !isSame)
    refuse(
      'goals-differ',
      'goals',
      entry.goals,
      `give the goals of the existing products, in this order: ${goals.join(', ')}`,
    );
  if ((before.visits.noTime ?? false) !== entry.noTime)
    refuse(
      'times-differ',
      'times',
      entry.noTime ? 'none' : 'given',
      `treat times as for the existing products: ${entry.noTime ? 'with a time' : '--no-time'}`,
    );
  if (rulesDiffer(before, entry.rules))
    refuse(
      'rules-differ',
      'reading rules',
      rulesInWords(entry.rules),
      `use the options of the existing products: ${rulesInWords(before.csv ?? {})}`,
    );
}

/** Whether the source's files were read by other rules until now. */
export function rulesDiffer(before: SourceDefinition, rules: ReadingRules): boolean {
  return !isDeepStrictEqual(comparable(before.csv ?? {}), comparable(rules));
}

/** Reading rules as options of `import`. */
export function rulesInWords({ decimal = '.', thousands, missing = [], restMissing }: ReadingRules): string {
  const options = [
    ...(decimal === '.' ? [] : [`--decimal ${separatorWord(decimal)}`]),
    ...(thousands === undefined ? [] : [`--thousands ${separatorWord(thousands)}`]),
    ...(missing.length === 0 ? [] : [`--missing ${missing.map(shellWord).join(' ')}`]),
    ...(restMissing === undefined
      ? []
      : [`--numbers ${restMissing.map(shellWord).join(' ')} --rest missing`]),
  ];
  return options.join(' ') || 'none of --decimal, --thousands, --missing and --rest';
}

/** Order and case of the values that mean unknown, and the order of columns, make no difference. */
function comparable({ decimal = '.', thousands, missing = [], restMissing = [] }: ReadingRules): unknown {
  const marks = missing
    .map((mark) => mark.trim().toLowerCase())
    .filter((mark) => !MISSING_MARKS.includes(mark));
  return [decimal, thousands ?? null, [...new Set(marks)].sort(), [...new Set(restMissing)].sort()];
}

/** Manual declarations of the tables: a file does not say what its rows cover, so importing it again keeps them. */
function declaredCoverage(entry: unknown): Map<string, string> {
  const { features } = z
    .looseObject({ features: z.array(z.looseObject({ table: z.string(), covers: z.string().optional() })) })
    .catch({ features: [] })
    .parse(entry);
  return new Map(features.flatMap(({ table, covers }) => (covers === undefined ? [] : [[table, covers]])));
}

function entryOf(
  { word, connectionEnv, goals, featureTables, noTime, rules }: SourcesEntryOptions,
  coverage: ReadonlyMap<string, string>,
) {
  const csv = csvOf(rules);
  return {
    connectionEnv,
    timeZone: 'UTC',
    products: { table: `${word}_product`, id: 'product_id', active: 'is_active' },
    visits: {
      table: `${word}_visit`,
      id: 'visit_id',
      product: 'product_id',
      visitor: 'visitor_id',
      time: 'visit_time',
      ...(noTime ? { noTime: true } : {}),
    },
    defaultGoal: goals[0],
    goals: Object.fromEntries(
      goals.map((goal, at) => [
        goal,
        { table: numbered(word, 'goal', at), visit: 'visit_id', time: 'goal_time' },
      ]),
    ),
    features: featureTables.map((table) => ({
      table,
      key: 'visit_id',
      missing: 'unknown',
      ...(coverage.has(table) ? { covers: coverage.get(table) } : {}),
    })),
    ...(csv === undefined ? {} : { csv }),
  };
}

function csvOf({ decimal, thousands, missing, restMissing }: ReadingRules): ReadingRules | undefined {
  const csv = {
    ...(decimal === undefined || decimal === '.' ? {} : { decimal }),
    ...(thousands === undefined ? {} : { thousands }),
    ...(missing === undefined || missing.length === 0 ? {} : { missing: [...missing] }),
    ...(restMissing === undefined ? {} : { restMissing: [...restMissing] }),
  };
  return Object.keys(csv).length === 0 ? undefined : csv;
}
