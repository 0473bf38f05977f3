import { parseBoundedYaml } from '@factory/contracts';
import { BadInputError, BadInputsError, messageOf, type Refusal } from '@factory/domain';
import type { z } from 'zod';
import { cutRefusals } from './cut-declaration';
import { readTextFile } from './read-text-file';
import { sourcesSchema, type RowGoal, type SourceDefinition } from './sources-schema';
import { WatchedFile, unreadableFile, type WatchedState } from './watched-file';

/** The declared sources by name. */
export type Sources = ReadonlyMap<string, SourceDefinition>;

/**
 * The result of reading a sources.yaml: a source with faults in its declaration is left out, without affecting
 * the others.
 */
interface DeclaredSources {
  readonly sources: Sources;
  readonly faults: ReadonlyMap<string, BadInputsError>;
}

/**
 * `sources.yaml` on disk, checked for changes before each use. A change is validated before it is used, source
 * by source: a source with a fault keeps its previous declaration; if no source is valid, the whole previous
 * content stays in use.
 */
export class SourcesFile {
  private constructor(
    readonly path: string,
    private readonly watched: WatchedFile<DeclaredSources>,
  ) {}

  /**
   * For programs that cannot start without sources.
   *
   * @throws BadInputError `no-sources-file` when there is no such file
   * @throws BadInputsError `invalid-sources` naming all faults, when no source is valid
   */
  static load(path: string): SourcesFile {
    const file = SourcesFile.watch(path);
    const { fault } = file.state;
    if (fault && file.all().size === 0) throw fault;
    return file;
  }

  /** For services: no source is known until a valid one is declared, see `state`. */
  static watch(path: string): SourcesFile {
    let former: Sources = new Map();
    const watched = new WatchedFile({
      path,
      readText,
      parse: (text) => {
        const { sources, faults } = readSources(text);
        const kept = [...former].filter(([name]) => sources.size === 0 || faults.has(name));
        former = new Map([...sources, ...kept]);
        return { sources: former, faults };
      },
    });
    watched.refresh();
    return new SourcesFile(path, watched);
  }

  /** All sources in use. */
  all(): Sources {
    return this.watched.current()?.sources ?? new Map();
  }

  /** @returns whether the content in use or its fault has changed */
  refresh(): boolean {
    return this.watched.refresh();
  }

  /** `fault`: of the whole file, or of all sources together. */
  get state(): WatchedState {
    const { state } = this.watched;
    const faults = [...(this.watched.used?.faults.values() ?? [])];
    return state.fault || faults.length === 0 ? state : { ...state, fault: together(faults) };
  }

  /**
   * @throws BadInputError `unknown-source`
   * @throws BadInputsError `invalid-sources` when its declaration has faults, and no previous one is in use
   */
  source(name: string): SourceDefinition {
    const sources = this.all();
    const found = sources.get(name);
    if (found) return found;
    const faults = this.watched.used?.faults.get(name);
    if (faults) throw faults;
    const { fault } = this.state;
    const known = sources.size > 0 ? `use one of ${[...sources.keys()].join(', ')}, or declare` : 'declare';
    throw new BadInputError('unknown-source', {
      field: 'source',
      value: name,
      todo: `${known} it in ${this.path}${fault ? `, whose last change is not fully in use (${fault.message})` : ''}`,
    });
  }
}

/**
 * Parses the text of a sources.yaml.
 *
 * @throws BadInputsError `invalid-sources` naming path, value and what to do for every fault
 */
export function parseSources(text: string): Sources {
  const { sources, faults } = readSources(text);
  if (faults.size > 0) throw together([...faults.values()]);
  return sources;
}

/** As `parseSources`; a fault in one declaration affects that source only. */
function readSources(text: string): DeclaredSources {
  const body = readYaml(text);
  const faults = new Map<string, Refusal[]>();
  const blame = (name: string, refusals: readonly Refusal[]): void => {
    if (refusals.length > 0) faults.set(name, [...(faults.get(name) ?? []), ...refusals]);
  };
  const parsed = sourcesSchema.safeParse(body);
  const ofFile: Refusal[] = [];
  for (const issue of parsed.error?.issues ?? []) {
    const [first, name] = issue.path;
    const refusals = refusalsOf(issue, body, []);
    if (first === 'sources' && name !== undefined) blame(String(name), refusals);
    else ofFile.push(...refusals);
  }
  if (ofFile.length > 0) throw new BadInputsError('invalid-sources', ofFile);
  const sources = new Map<string, SourceDefinition>();
  for (const [name, source] of Object.entries(soundPart(body, faults))) {
    const definition = { name, ...source };
    const refusals = [...goalRefusals(definition), ...cutRefusals(definition)];
    if (refusals.length === 0) sources.set(name, definition);
    else blame(name, refusals);
  }
  const thrown = [...faults].map(
    ([name, all]) => [name, new BadInputsError('invalid-sources', all)] as const,
  );
  return { sources, faults: new Map(thrown) };
}

/** Declarations with a valid form. The schema has already checked that the body is a mapping of sources. */
function soundPart(
  body: unknown,
  faults: ReadonlyMap<string, unknown>,
): z.output<typeof sourcesSchema>['sources'] {
  const declared = Object.entries((body as { sources: Record<string, unknown> }).sources);
  const sound = declared.filter(([name]) => !faults.has(name));
  return sound.length === 0 ? {} : sourcesSchema.parse({ sources: Object.fromEntries(sound) }).sources;
}

function together(faults: readonly BadInputsError[]): BadInputsError {
  return new BadInputsError(
    'invalid-sources',
    faults.flatMap(({ refusals }) => refusals),
  );
}

function readYaml(text: string): unknown {
  try {
    return parseBoundedYaml(text);
  } catch (cause) {
    throw new BadInputsError('invalid-sources', [
      { field: 'sources.yaml', value: messageOf(cause), todo: 'correct the YAML' },
    ]);
  }
}

/**
 * The row goals of a goal: itself, or those that its `anyOf` names.
 *
 * @throws BadInputError `unknown-goal`
 */
export function rowGoalsOf(source: SourceDefinition, goal: string): readonly RowGoal[] {
  const found = Object.hasOwn(source.goals, goal) ? source.goals[goal] : undefined;
  if (!found) {
    throw new BadInputError('unknown-goal', {
      field: 'goal',
      value: goal,
      todo: `use one of ${Object.keys(source.goals).join(', ')}`,
    });
  }
  return 'anyOf' in found ? found.anyOf.flatMap((name) => rowGoalsOf(source, name)) : [found];
}

/** Names of the row goals of a goal: itself, or those that its `anyOf` names. Empty for an unknown goal. */
export function rowGoalNames(source: SourceDefinition, goal: string): readonly string[] {
  const found = Object.hasOwn(source.goals, goal) ? source.goals[goal] : undefined;
  if (!found) return [];
  return 'anyOf' in found ? found.anyOf : [goal];
}

/** How many days after its visit a goal may occur: the longest of its parts (rules R3). */
export function horizonDaysOf(source: SourceDefinition, goal: string): number {
  return Math.max(...rowGoalsOf(source, goal).map((one) => one.horizonDays));
}

function goalRefusals(source: SourceDefinition): Refusal[] {
  const at = `sources.${source.name}`;
  const rowGoals = Object.entries(source.goals).flatMap(([name, one]) => ('anyOf' in one ? [] : [name]));
  const refusals: Refusal[] = [];
  if (!Object.hasOwn(source.goals, source.defaultGoal)) {
    refusals.push({
      field: `${at}.defaultGoal`,
      value: source.defaultGoal,
      todo: `use one of ${Object.keys(source.goals).join(', ')}`,
    });
  }
  for (const [name, goal] of Object.entries(source.goals)) {
    if ('anyOf' in goal) {
      goal.anyOf.forEach((part, index) => {
        if (rowGoals.includes(part)) return;
        const todo = `name goals that have a table: ${rowGoals.join(', ')}`;
        refusals.push({ field: `${at}.goals.${name}.anyOf.${index}`, value: part, todo });
      });
    } else if (goal.minimumValue !== undefined && goal.value === undefined) {
      const todo = 'name the column of the value as well';
      refusals.push({ field: `${at}.goals.${name}.value`, value: undefined, todo });
    }
  }
  return refusals;
}

/**
 * For a union, reports the faults of the intended shape: `anyOf` if it is present, otherwise rows of a table.
 */
function refusalsOf(issue: z.core.$ZodIssue, body: unknown, base: readonly PropertyKey[]): Refusal[] {
  const path = [...base, ...issue.path];
  const value = path.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined,
    body,
  );
  const field = path.map(String).join('.') || 'sources.yaml';
  if (issue.code === 'invalid_union' && issue.errors.length === 2 && typeof value === 'object') {
    const meant = value !== null && 'anyOf' in value ? issue.errors[1] : issue.errors[0];
    return (meant ?? []).flatMap((one) => refusalsOf(one, body, path));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: `${field}.${key}`,
      value: (value as Record<string, unknown>)[key],
      todo: 'remove it: no such setting',
    }));
  }
  if (issue.code === 'invalid_key')
    return [{ field, value: path.at(-1), todo: issue.issues[0]?.message ?? '' }];
  return [{ field, value, todo: issue.message }];
}

function readText(path: string): string {
  try {
    return readTextFile(path);
  } catch (cause) {
    throw unreadableFile('no-sources-file', 'sources.yaml', path, cause);
  }
}
