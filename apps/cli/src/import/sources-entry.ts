import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, parseDocument } from 'yaml';
import { BadInputError } from '@factory/domain';
import { parseSources } from '@factory/sql';

export interface SourcesEntryOptions {
  readonly source: string;
  /** The source's name with underscores: what its tables begin with. */
  readonly word: string;
  readonly connectionEnv: string;
  readonly goal: string;
}

/**
 * The text of sources.yaml with the imported source in it; comments and other sources stay as they are.
 *
 * @param text undefined = there is no such file yet
 * @throws BadInputError `source-exists` when the name belongs to a source that was not imported
 * @throws BadInputsError `invalid-sources`
 */
export function withImportedSource(text: string | undefined, options: SourcesEntryOptions): string {
  const hasSources = text !== undefined && text.trim() !== '';
  const document = hasSources ? parseDocument(text) : new Document({ sources: {} });
  if (hasSources && document.errors.length > 0) parseSources(text);
  const path = ['sources', options.source];
  const entry = entryOf(options);
  const before = document.getIn(path);
  if (isMap(before)) {
    if (document.getIn([...path, 'visits', 'table']) !== entry.visits.table) {
      throw new BadInputError('source-exists', {
        field: 'source',
        value: options.source,
        todo: 'choose another name: sources.yaml declares a source by that name which was not imported',
      });
    }
    if (isDeepStrictEqual(before.toJSON(), entry)) return text ?? '';
  }
  document.setIn(path, document.createNode(entry));
  const changed = document.toString({ lineWidth: 110 });
  parseSources(changed);
  return changed;
}

/** The text of a file, or undefined where there is none. */
export function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Writes a file so that no reader ever sees half of it. */
export function replaceFile(file: string, text: string): void {
  const next = `${file}.next`;
  writeFileSync(next, text);
  renameSync(next, file);
}

function entryOf({ word, connectionEnv, goal }: SourcesEntryOptions) {
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
    },
    defaultGoal: goal,
    goals: { [goal]: { table: `${word}_goal`, visit: 'visit_id', time: 'goal_time' } },
    features: [{ table: `${word}_feature`, key: 'visit_id', missing: 'unknown' }],
  };
}
