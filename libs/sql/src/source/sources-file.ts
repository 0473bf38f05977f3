import { readFileSync } from 'node:fs';
import { BadInputError, BadInputsError, messageOf, type Refusal } from '@factory/domain';
import { parse } from 'yaml';
import type { z } from 'zod';
import { cutRefusals } from './cut-declaration';
import { sourcesSchema, type RowGoal, type SourceDefinition } from './sources-schema';
import { WatchedFile, unreadableFile, type WatchedState } from './watched-file';

/** The declared sources by name. */
export type Sources = ReadonlyMap<string, SourceDefinition>;

/**
 * `sources.yaml` on disk, looked at again before each use. A change is checked before it is taken over: with a fault in
 * it, the declarations before it stay in use.
 */
export class SourcesFile {
  private constructor(
    readonly path: string,
    private readonly watched: WatchedFile<Sources>,
  ) {}

  /**
   * For whoever cannot begin without.
   *
   * @throws BadInputError `no-sources-file` when there is no such file
   * @throws BadInputsError `invalid-sources` naming every fault at once
   */
  static load(path: string): SourcesFile {
    const file = SourcesFile.watch(path);
    const { fault } = file.state;
    if (fault) throw fault;
    return file;
  }

  /** For services: until there is a sound file no source is known, see `state`. */
  static watch(path: string): SourcesFile {
    const watched = new WatchedFile({ path, readText, parse: parseSources });
    watched.refresh();
    return new SourcesFile(path, watched);
  }

  /** Every source that is in use. */
  all(): Sources {
    return this.watched.current() ?? new Map();
  }

  /** @returns whether something else is in use, or wrong, than before */
  refresh(): boolean {
    return this.watched.refresh();
  }

  get state(): WatchedState {
    return this.watched.state;
  }

  /** @throws BadInputError `unknown-source` */
  source(name: string): SourceDefinition {
    const sources = this.all();
    const found = sources.get(name);
    if (found) return found;
    const { fault } = this.state;
    const known = sources.size > 0 ? `use one of ${[...sources.keys()].join(', ')}, or declare` : 'declare';
    throw new BadInputError('unknown-source', {
      field: 'source',
      value: name,
      todo: `${known} it in ${this.path}${fault ? `, whose last change is not in use (${fault.message})` : ''}`,
    });
  }
}

/**
 * Reads the text of a sources.yaml.
 *
 * @throws BadInputsError `invalid-sources` naming path, value and what to do for every fault
 */
export function parseSources(text: string): Sources {
  let body: unknown;
  try {
    body = parse(text);
  } catch (cause) {
    throw new BadInputsError('invalid-sources', [
      { field: 'sources.yaml', value: messageOf(cause), todo: 'correct the YAML' },
    ]);
  }
  const parsed = sourcesSchema.safeParse(body);
  if (!parsed.success) {
    throw new BadInputsError(
      'invalid-sources',
      parsed.error.issues.flatMap((issue) => refusalsOf(issue, body, [])),
    );
  }
  const sources = new Map(
    Object.entries(parsed.data.sources).map(([name, source]) => [name, { name, ...source }]),
  );
  const refusals = [...sources.values()].flatMap((one) => [...goalRefusals(one), ...cutRefusals(one)]);
  if (refusals.length > 0) throw new BadInputsError('invalid-sources', refusals);
  return sources;
}

/**
 * The row goals behind a goal: itself, or those its `anyOf` names.
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

/** Names of the row goals behind a goal: itself, or those its `anyOf` names. Empty for an unknown goal. */
export function rowGoalNames(source: SourceDefinition, goal: string): readonly string[] {
  const found = Object.hasOwn(source.goals, goal) ? source.goals[goal] : undefined;
  if (!found) return [];
  return 'anyOf' in found ? found.anyOf : [goal];
}

/** Days that a goal may come after its visit: the longest of its parts (RULES R3). */
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

/** A union's faults are those of the shape that was meant: `anyOf` where it is named, else rows of a table. */
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
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadableFile('no-sources-file', 'sources.yaml', path, cause);
  }
}
