const DAY_MS = 86_400_000;

/** Visits of a weekday relative to the mean, Sunday first. */
export const VISITS_BY_WEEKDAY = [1.3, 0.85, 0.85, 0.9, 0.95, 1.0, 1.15] as const;
/** What a weekday adds to the true log-odds, Sunday first. */
export const LOG_ODDS_BY_WEEKDAY = [0.25, 0, -0.05, -0.05, 0, 0, 0.2] as const;
/** Visits of an hour of the day relative to each other. */
const VISITS_BY_HOUR = [
  2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 9, 10, 9, 8, 8, 9, 10, 12, 14, 14, 12, 8, 4,
] as const;

/**
 * Number of visits of each day, by weekday; the sum is exactly `visits` (largest remainders).
 *
 * @param startMs midnight UTC of the first day
 */
export function visitsByDay(visits: number, startMs: number, days: number): number[] {
  const weights = Array.from(
    { length: days },
    (_, day) => VISITS_BY_WEEKDAY[weekdayOf(startMs + day * DAY_MS)],
  );
  const sum = weights.reduce<number>((total, weight) => total + (weight ?? 0), 0);
  const exact = weights.map((weight) => (visits * (weight ?? 0)) / sum);
  const counts = exact.map(Math.floor);
  const left = visits - counts.reduce((total, count) => total + count, 0);
  exact
    .map((value, day) => ({ day, remainder: value % 1 }))
    .sort((a, b) => b.remainder - a.remainder || a.day - b.day)
    .slice(0, left)
    .forEach(({ day }) => (counts[day] = (counts[day] ?? 0) + 1));
  return counts;
}

/** Instants of one day's visits, ascending, whole seconds, more of them in the evening. */
export function timesOfDay(count: number, dayMs: number, uniform: () => number): Float64Array {
  const hours = runningShares(VISITS_BY_HOUR);
  const times = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    const target = uniform();
    const hour = hours.findIndex((share) => target < share);
    times[at] = dayMs + (hour * 3600 + Math.floor(uniform() * 3600)) * 1000;
  }
  return times.sort();
}

/** 0 = Sunday, in UTC. */
export function weekdayOf(ms: number): number {
  return new Date(ms).getUTCDay();
}

function runningShares(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return weights.map((weight, at) => (at === weights.length - 1 ? 1 : (sum += weight) / total));
}
