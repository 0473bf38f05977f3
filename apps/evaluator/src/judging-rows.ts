import { HALVES, rowsOf, type Dataset, type Half } from '@factory/domain';

/** Rows that a verdict is based on (rules R6). */
export interface JudgingRows {
  readonly part: 'out-of-time' | 'test';
  /** Of the out-of-time visitors, if the other half was decided or fitted on; absent: all. */
  readonly half?: Half;
  /** Ascending. */
  readonly rows: Uint32Array;
  readonly goals: number;
  /** Out-of-time rows that are left out because they are inside a window that the champion or its anchor learned from. */
  readonly leftOut: number;
  /** Some of the rows judged the champion before. */
  readonly reused: boolean;
  readonly reason: string;
}

/** Time in milliseconds, `[fromMs, toMs)`. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  /** Only the visitors of this half; absent: all. */
  readonly half?: Half;
}

/** What the version in force has seen. */
export interface ChampionTimes {
  /** Trained, tuned or repaired on: by the champion itself, and by the anchor that it is traced back to. */
  readonly learned: readonly Span[];
  /** Rows before this instant judged it. */
  readonly endMs: number;
}

/**
 * Out-of-time rows if they hold enough goals, else test rows. Of the out-of-time rows those after the champion's data are
 * preferred, provided that they hold enough goals by themselves: the others judged it before, and it is in force because
 * it did well on them. Out-of-time rows inside the champion's own window are left out: it may have learned from them.
 * Test rows never need that, since marks are fixed per visitor for ever and no champion ever learned from a visitor
 * marked test.
 *
 * @param half of the out-of-time visitors that may judge; absent: all
 */
export function judgingRows(
  dataset: HalvedRows,
  minOutOfTimeGoals: number,
  champion?: ChampionTimes,
  half?: Half,
): JudgingRows {
  const timeOf = (row: number): number => dataset.visitTimes[row] ?? NaN;
  const isFresh = (row: number): boolean => !champion || timeOf(row) >= champion.endMs;
  const isLearned = (row: number): boolean =>
    champion?.learned.some((span) => inside(timeOf(row), span) && isOf(dataset, row, span.half)) ?? false;
  const outOfTime = outOfTimeRows(dataset, half);
  const unlearned = outOfTime.filter((row) => !isLearned(row));
  const leftOut = outOfTime.length - unlearned.length;
  const fresh = unlearned.filter(isFresh);
  const older = unlearned.length - fresh.length;
  const [goals, freshGoals] = [unlearned, fresh].map((rows) => countGoals(dataset.labels, rows)) as [
    number,
    number,
  ];
  const name = half ? `half ${half} of out-of-time` : 'out-of-time';
  const part = { part: 'out-of-time' as const, ...(half ? { half } : {}) };

  if (freshGoals >= minOutOfTimeGoals) {
    const passed = `; ${older} rows before that judged it already and are passed over`;
    const after = older > 0 ? " after the champion's data" : '';
    const reason = `${name}${after} holds ${freshGoals} goals, at least ${minOutOfTimeGoals}${older > 0 ? passed : ''}`;
    return { ...part, rows: fresh, goals: freshGoals, leftOut, reused: false, reason };
  }
  if (goals >= minOutOfTimeGoals) {
    const reason =
      `${name} holds ${goals} goals, at least ${minOutOfTimeGoals}; ${older} of the rows judged the champion ` +
      `before, and those after its data hold only ${freshGoals} goals`;
    return { ...part, rows: unlearned, goals, leftOut, reused: true, reason };
  }
  const rows = rowsOf(dataset, 'test');
  const before = rows.reduce((count, row) => count + (isFresh(row) ? 0 : 1), 0);
  const few =
    outOfTime.length === 0
      ? 'there are no out-of-time rows'
      : `${name} holds ${goals} goals, fewer than ${minOutOfTimeGoals}`;
  return {
    part: 'test',
    rows,
    goals: countGoals(dataset.labels, rows),
    leftOut,
    reused: before > 0,
    reason: before > 0 ? `${few}; ${before} of the test rows judged the champion before` : few,
  };
}

/** Rows to decide on, and the rows that judge afterwards. */
export interface DecisionRows {
  /** Half `a` of the out-of-time rows, ascending; null: nothing can be decided on, and all rows judge. */
  readonly decideOn: Uint32Array | null;
  readonly judging: JudgingRows;
}

/**
 * Splits what a decision on out-of-time rows needs: half `a` for it, half `b` to judge by. Without enough goals, without
 * halves, or if half `b` has too few goals to judge by, nothing is to be decided.
 *
 * @param least goals that are needed, of all out-of-time rows and of those of half `a`
 */
export function decisionRows(
  dataset: HalvedRows,
  least: { readonly all: number; readonly halfA: number },
  minOutOfTimeGoals: number,
  champion?: ChampionTimes,
): DecisionRows {
  const ofA = outOfTimeRows(dataset, 'a');
  const goalsOf = (rows: Uint32Array): number => countGoals(dataset.labels, rows);
  const judging = judgingRows(dataset, minOutOfTimeGoals, champion, 'b');
  const isEnough = goalsOf(outOfTimeRows(dataset)) >= least.all && goalsOf(ofA) >= Math.max(1, least.halfA);
  if (isEnough && judging.part === 'out-of-time') return { decideOn: ofA, judging };
  return { decideOn: null, judging: judgingRows(dataset, minOutOfTimeGoals, champion) };
}

type HalvedRows = Pick<Dataset, 'rows' | 'marks' | 'labels' | 'visitTimes' | 'halves'>;

/**
 * Out-of-time rows, ascending. Those of half `a` are to decide and fit on; what was decided there is judged by half `b`.
 *
 * @param half absent: all
 */
export function outOfTimeRows(
  dataset: Pick<HalvedRows, 'rows' | 'marks' | 'halves'>,
  half?: Half,
): Uint32Array {
  const rows = rowsOf(dataset, 'out-of-time');
  return half ? rows.filter((row) => isOf(dataset, row, half)) : rows;
}

function isOf({ halves }: Pick<HalvedRows, 'halves'>, row: number, half: Half | undefined): boolean {
  return half === undefined || (halves?.[row] ?? HALVES.indexOf('b')) === HALVES.indexOf(half);
}

function inside(timeMs: number, { fromMs, toMs }: Span): boolean {
  return timeMs >= fromMs && timeMs < toMs;
}

function countGoals(labels: Uint8Array, rows: Uint32Array): number {
  let goals = 0;
  for (const row of rows) goals += labels[row] ?? 0;
  return goals;
}
