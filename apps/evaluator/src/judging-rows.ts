import { rowsOf, type Dataset } from '@factory/domain';

/** Rows that a verdict is based on (rules R6). */
export interface JudgingRows {
  readonly part: 'out-of-time' | 'test';
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
}

/** What the version in force has seen. */
export interface ChampionTimes {
  /** Trained and tuned on: by the champion itself, and by the anchor that it is traced back to. */
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
 */
export function judgingRows(
  dataset: Pick<Dataset, 'rows' | 'marks' | 'labels' | 'visitTimes'>,
  minOutOfTimeGoals: number,
  champion?: ChampionTimes,
): JudgingRows {
  const timeOf = (row: number): number => dataset.visitTimes[row] ?? NaN;
  const isFresh = (row: number): boolean => !champion || timeOf(row) >= champion.endMs;
  const outOfTime = rowsOf(dataset, 'out-of-time');
  const unlearned = outOfTime.filter((row) => !champion?.learned.some((span) => inside(timeOf(row), span)));
  const leftOut = outOfTime.length - unlearned.length;
  const fresh = unlearned.filter(isFresh);
  const older = unlearned.length - fresh.length;
  const [goals, freshGoals] = [unlearned, fresh].map((rows) => countGoals(dataset.labels, rows)) as [
    number,
    number,
  ];

  if (freshGoals >= minOutOfTimeGoals) {
    const passed = `; ${older} rows before that judged it already and are passed over`;
    const after = older > 0 ? " after the champion's data" : '';
    const reason = `out-of-time${after} holds ${freshGoals} goals, at least ${minOutOfTimeGoals}${older > 0 ? passed : ''}`;
    return { part: 'out-of-time', rows: fresh, goals: freshGoals, leftOut, reused: false, reason };
  }
  if (goals >= minOutOfTimeGoals) {
    const reason =
      `out-of-time holds ${goals} goals, at least ${minOutOfTimeGoals}; ${older} of the rows judged the champion ` +
      `before, and those after its data hold only ${freshGoals} goals`;
    return { part: 'out-of-time', rows: unlearned, goals, leftOut, reused: true, reason };
  }
  const rows = rowsOf(dataset, 'test');
  const before = rows.reduce((count, row) => count + (isFresh(row) ? 0 : 1), 0);
  const few =
    outOfTime.length === 0
      ? 'there are no out-of-time rows'
      : `out-of-time holds ${goals} goals, fewer than ${minOutOfTimeGoals}`;
  return {
    part: 'test',
    rows,
    goals: countGoals(dataset.labels, rows),
    leftOut,
    reused: before > 0,
    reason: before > 0 ? `${few}; ${before} of the test rows judged the champion before` : few,
  };
}

function inside(timeMs: number, { fromMs, toMs }: Span): boolean {
  return timeMs >= fromMs && timeMs < toMs;
}

function countGoals(labels: Uint8Array, rows: Uint32Array): number {
  let goals = 0;
  for (const row of rows) goals += labels[row] ?? 0;
  return goals;
}
