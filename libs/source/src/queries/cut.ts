import { identifier, joinSql, sql, type SqlText } from '@factory/mysql';
import type { FeatureTable, RowGoal, SourceDefinition } from '../declaration/sources-schema';

/*
 * The only place that defines what counts for a visit `v` (rules R3): events `f` before its cut, goal rows `g`
 * from the cut on. Window counts, population, draw and features all use these conditions, so no feature can
 * depend on a label.
 */

/** The instant of visit `v` that separates features from goals; undefined in a source without event times. */
export function cutTime(source: SourceDefinition): SqlText | undefined {
  if (source.observe !== undefined) return plusSeconds(visitTime(source), source.observe);
  return source.cut === undefined ? undefined : identifier('v', source.cut);
}

/** Condition on an event `f` and its visit `v`: the event is a feature. */
export function eventCounts(source: SourceDefinition, { time, lookback }: FeatureTable): SqlText {
  const cut = cutTime(source);
  if (time === undefined || cut === undefined) return sql`TRUE`;
  const from = lookback === undefined ? visitTime(source) : plusSeconds(cut, -lookback);
  return sql`${identifier('f', time)} >= ${from} AND ${identifier('f', time)} < ${cut}`;
}

/** Condition on a goal row `g` and its visit `v`: the goal counts at this time. */
export function goalInTime(source: SourceDefinition, goal: Pick<RowGoal, 'time' | 'horizonDays'>): SqlText {
  const cut = cutTime(source);
  if (cut === undefined && goal.horizonDays === 0) return sql`TRUE`;
  const from = cut ?? visitTime(source);
  const time = identifier('g', goal.time);
  return goal.horizonDays === 0
    ? sql`${time} >= ${from}`
    : sql`${time} >= ${from} AND ${time} < ${plusSeconds(from, goal.horizonDays * 86_400)}`;
}

/** Condition on a goal row `g` and its visit `v`: it is before the cut, so the visit is left out. */
export function goalBeforeCut(source: SourceDefinition, goal: Pick<RowGoal, 'time'>): SqlText {
  const cut = cutTime(source);
  return cut === undefined ? sql`FALSE` : sql`${identifier('g', goal.time)} < ${cut}`;
}

/**
 * Condition on visit `v`: it has a cut, and all its goals can have occurred by now.
 *
 * @param latestCut `now - horizon`, frozen with the request; matters to a cut column only, since a fixed time
 * to the cut has already shortened the range
 */
export function cutIsKnown(source: SourceDefinition, latestCut: Date | undefined): SqlText {
  if (source.cut === undefined) return sql`TRUE`;
  const cut = identifier('v', source.cut);
  if (latestCut === undefined) return sql`${cut} IS NOT NULL`;
  return sql`${cut} <= ${sqlTime(latestCut)}`;
}

/** Condition on visit `v`: the cut column is NULL. */
export function cutIsUnknown(source: SourceDefinition): SqlText {
  return source.cut === undefined ? sql`FALSE` : sql`${identifier('v', source.cut)} IS NULL`;
}

/** Condition on visit `v`: the cut is known, but its goals may still occur. */
export function cutIsTooLate(source: SourceDefinition, latestCut: Date | undefined): SqlText {
  if (source.cut === undefined || latestCut === undefined) return sql`FALSE`;
  return sql`${identifier('v', source.cut)} > ${sqlTime(latestCut)}`;
}

/** UTC as a DATETIME literal; the session's time zone is UTC, so it is valid for TIMESTAMP columns too. */
export function sqlTime(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', '');
}

/** The conjunction of the conditions. */
export function allOf(conditions: readonly SqlText[]): SqlText {
  const some = conditions.filter((one) => one.text !== 'TRUE');
  return some.length > 0 ? joinSql(some, '\n  AND ') : sql`TRUE`;
}

function visitTime(source: SourceDefinition): SqlText {
  return identifier('v', source.visits.time);
}

function plusSeconds(time: SqlText, seconds: number): SqlText {
  return sql`${time} + INTERVAL ${Math.round(seconds * 1e6)} MICROSECOND`;
}
