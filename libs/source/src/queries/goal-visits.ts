import { identifier, joinSql, sql, type SqlText } from '@factory/mysql';
import type { SourceDefinition } from '../declaration/sources-schema';
import { filterHolds, type TypedGoal } from '../values/filter-values';
import { allOf, cutIsKnown, cutTime, goalBeforeCut, goalInTime, sqlTime } from './cut';
import { isReadable } from './readable';

/** Visits of one product in a half-open range of time, UTC. */
export interface VisitRange {
  readonly product: number;
  readonly start: Date;
  readonly end: Date;
  /** Latest cut of a visit whose goals can all have occurred (`now - horizon`); absent = no limit. */
  readonly latestCut?: Date | undefined;
}

/** A column of visits `v`. */
export function visitColumn(source: SourceDefinition, role: 'id' | 'product' | 'time'): SqlText {
  return identifier('v', source.visits[role]);
}

/** Condition on visits `v`: in the range. */
export function inRange(source: SourceDefinition, range: VisitRange): SqlText {
  const time = visitColumn(source, 'time');
  const within = sql`${visitColumn(source, 'product')} = ${range.product}
  AND ${time} >= ${sqlTime(range.start)} AND ${time} < ${sqlTime(range.end)}`;
  return source.unreadable === 'drop' ? allOf([within, ...visitIsReadable(source)]) : within;
}

/** Only for sources that leave out unreadable values: for others the input check has found none. */
function visitIsReadable(source: SourceDefinition): SqlText[] {
  const cut = source.cut === undefined ? undefined : identifier('v', source.cut);
  return [
    sql`${visitColumn(source, 'id')} IS NOT NULL`,
    isReadable(visitColumn(source, 'time')),
    ...(cut ? [sql`(${cut} IS NULL OR ${isReadable(cut)})`] : []),
  ];
}

/** Condition on a goal row `g` and its visit `v`: the row counts. */
function rowCounts(source: SourceDefinition, goal: TypedGoal): SqlText {
  return allOf([...goalRow(source, goal), goalInTime(source, goal)]);
}

/** The visits of the range that have the goal, without duplicates: columns `visit_id` and `visit_time`. */
export function visitsWithGoal(
  source: SourceDefinition,
  goals: readonly TypedGoal[],
  range: VisitRange,
): SqlText {
  return visitsOfGoalRows(source, goals, (goal) =>
    allOf([inRange(source, range), rowCounts(source, goal), isLabelled(source, goals, range)]),
  );
}

/** The visits of the range with a goal before their cut, without duplicates: they are left out. */
export function visitsWithEarlyGoal(
  source: SourceDefinition,
  goals: readonly TypedGoal[],
  range: VisitRange,
): SqlText {
  return visitsOfGoalRows(source, goals, (goal) =>
    allOf([
      inRange(source, range),
      cutIsKnown(source, range.latestCut),
      ...goalRow(source, goal),
      goalBeforeCut(source, goal),
    ]),
  );
}

/** Condition on visits `v` of the range: they can be labelled, and reached none of the goals. */
export function withoutGoal(
  source: SourceDefinition,
  goals: readonly TypedGoal[],
  range: VisitRange,
): SqlText {
  const none = goals.map((goal) => noGoalRow(source, goal, range, goalInTime(source, goal)));
  return allOf([isLabelled(source, goals, range), ...none]);
}

/** Condition on visits `v` of the range: the cut is known and no goal is before it (rules R3). */
function isLabelled(source: SourceDefinition, goals: readonly TypedGoal[], range: VisitRange): SqlText {
  if (cutTime(source) === undefined) return sql`TRUE`;
  const none = goals.map((goal) => noGoalRow(source, goal, range, goalBeforeCut(source, goal)));
  return allOf([cutIsKnown(source, range.latestCut), ...none]);
}

/**
 * Condition on visits `v` of the range: no row of the goal passes at such a time. If the time range is relative
 * to the visit, the visits with such a row are found first, by one join (a derived table, which servers do not
 * evaluate per visit). Without an index on the goal's visits, which is only a warning, every visit would read
 * all goals.
 */
function noGoalRow(source: SourceDefinition, goal: TypedGoal, range: VisitRange, inTime: SqlText): SqlText {
  const id = visitColumn(source, 'id');
  if (inTime.text === 'TRUE') {
    const isOfVisit = sql`${identifier('g', goal.visit)} = ${id}`;
    return sql`NOT EXISTS (SELECT 1 FROM ${identifier(goal.table)} g
    WHERE ${allOf([isOfVisit, ...goalRow(source, goal)])})`;
  }
  const found = visitsOfGoalRows(source, [goal], () =>
    allOf([inRange(source, range), ...goalRow(source, goal), inTime]),
  );
  return sql`${id} NOT IN (SELECT visit_id FROM (${found}) AS found_visits)`;
}

function visitsOfGoalRows(
  source: SourceDefinition,
  goals: readonly TypedGoal[],
  condition: (goal: TypedGoal) => SqlText,
): SqlText {
  const id = visitColumn(source, 'id');
  const parts = goals.map(
    (goal) => sql`SELECT DISTINCT ${id} AS visit_id, ${visitColumn(source, 'time')} AS visit_time
  FROM ${identifier(goal.table)} g JOIN ${identifier(source.visits.table)} v ON ${id} = ${identifier('g', goal.visit)}
  WHERE ${condition(goal)}`,
  );
  return joinSql(parts, '\n  UNION\n  ');
}

/** Conditions on a goal row `g` at any time: the same for counts, draw and labels. */
function goalRow(source: SourceDefinition, goal: TypedGoal): SqlText[] {
  const readable = source.unreadable === 'drop' ? [isReadable(identifier('g', goal.time))] : [];
  return [...rowPasses(goal), ...readable];
}

/** Conditions on a goal row `g` that do not look at its time. */
export function rowPasses(goal: TypedGoal): SqlText[] {
  const conditions = goal.filters.map((filter) => filterHolds(filter, identifier('g', filter.column)));
  if (goal.value !== undefined && goal.minimumValue !== undefined) {
    conditions.push(sql`${identifier('g', goal.value)} >= ${goal.minimumValue}`);
  }
  return conditions;
}
