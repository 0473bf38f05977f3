import { rowsOf, type Dataset } from '@factory/domain';

/** Rows that a verdict is based on (rules R6). */
export interface JudgingRows {
  readonly part: 'out-of-time' | 'test';
  /** Ascending. */
  readonly rows: Uint32Array;
  readonly goals: number;
  /** Out-of-time rows that are left out because they are inside the champion's window. */
  readonly leftOut: number;
  readonly reason: string;
}

/** Time that the champion was trained and tuned on, `[start, trainEnd)` in milliseconds. */
export interface ChampionWindow {
  readonly startMs: number;
  readonly trainEndMs: number;
}

/**
 * Out-of-time rows if they hold enough goals, else test rows. Out-of-time rows inside the champion's own window
 * are left out: it may have learned from them. Test rows never need that, since marks are fixed per visitor for
 * ever and no champion ever learned from a visitor marked test.
 */
export function judgingRows(
  dataset: Pick<Dataset, 'rows' | 'marks' | 'labels' | 'visitTimes'>,
  minOutOfTimeGoals: number,
  champion?: ChampionWindow,
): JudgingRows {
  const outOfTime = rowsOf(dataset, 'out-of-time');
  const fresh = champion
    ? outOfTime.filter((row) => !inside(dataset.visitTimes[row] ?? 0, champion))
    : outOfTime;
  const leftOut = outOfTime.length - fresh.length;
  const goals = countGoals(dataset.labels, fresh);
  if (goals >= minOutOfTimeGoals) {
    const reason = `out-of-time holds ${goals} goals, at least ${minOutOfTimeGoals}`;
    return { part: 'out-of-time', rows: fresh, goals, leftOut, reason };
  }
  const rows = rowsOf(dataset, 'test');
  const reason =
    outOfTime.length === 0
      ? 'there are no out-of-time rows'
      : `out-of-time holds ${goals} goals, fewer than ${minOutOfTimeGoals}`;
  return {
    part: 'test',
    rows,
    goals: countGoals(dataset.labels, rows),
    leftOut,
    reason,
  };
}

function inside(timeMs: number, { startMs, trainEndMs }: ChampionWindow): boolean {
  return timeMs >= startMs && timeMs < trainEndMs;
}

function countGoals(labels: Uint8Array, rows: Uint32Array): number {
  let goals = 0;
  for (const row of rows) goals += labels[row] ?? 0;
  return goals;
}
