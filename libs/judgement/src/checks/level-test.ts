import { tTwoSided } from './f-distribution';

const WEEK = 7;
const DAY_MS = 86_400_000;
/** Residuals beyond so many robust standard deviations count as that much: outages in the history blind no check. */
const CLIP = 3;
/** 1 / the third quartile of the standard normal: the median of |residuals| times this is their deviation. */
const TO_DEVIATION = 1.4826;
/** From one day to the next, at most. */
const MOST_MEMORY = 0.6;

/** A day's count and what was expected of it. */
export interface CountedDay {
  /** Midnight UTC, milliseconds. */
  readonly day: number;
  readonly count: number;
  readonly expected: number;
}

/** How much more days scatter than independent events would. */
export interface Dispersion {
  /** Variance over mean, at least 1. */
  readonly factor: number;
  /** Correlation of a day with the next, from 0. */
  readonly memory: number;
  readonly df: number;
}

/**
 * Over-dispersion of daily counts: the robust variance of Pearson residuals (quasi-likelihood, McCullagh and Nelder 1989,
 * section 4.5), with the memory from day to day.
 *
 * @param scale variance of independent events over their mean: 1 of counts, 1 - rate of shares
 */
export function dispersionOf(days: readonly CountedDay[], fitted: number, scale = 1): Dispersion {
  const residuals = days
    .filter(({ expected }) => expected > 0)
    .map(({ count, expected }) => (count - expected) / Math.sqrt(expected * scale));
  const df = Math.max(1, residuals.length - fitted);
  const correction = residuals.length / df;
  const deviation = Math.max(median(residuals.map(Math.abs)) * TO_DEVIATION, 1e-9);
  const clipped = residuals.map((one) => Math.max(-CLIP * deviation, Math.min(CLIP * deviation, one)));
  const squares = clipped.reduce((sum, one) => sum + one * one, 0);
  const factor = correction * Math.max(deviation ** 2, squares / Math.max(1, clipped.length));
  const products = clipped.slice(1).reduce((sum, one, at) => sum + one * (clipped[at] ?? 0), 0);
  const memory = squares > 0 ? Math.max(0, Math.min(MOST_MEMORY, products / squares)) : 0;
  return { factor: Math.max(1, factor), memory, df };
}

/**
 * Chance that counts of new days as a whole are so far from what was expected.
 *
 * The smaller of the distances on the plain and on the square-root scale counts: either is too sure of itself on one side.
 *
 * @param known events that the expectation was learned from
 */
export function levelChance(
  days: readonly CountedDay[],
  { factor, memory, df }: Dispersion,
  known: number,
  scale = 1,
): number {
  const count = days.reduce((sum, one) => sum + one.count, 0);
  const expected = days.reduce((sum, one) => sum + one.expected, 0);
  if (!(expected > 0) || !(known > 0)) return 1;
  const spread = Math.sqrt(factor * scale * ((1 + memory) / (1 - memory)) * (1 + expected / known));
  const plain = (count - expected) / Math.sqrt(expected);
  const root = 2 * (Math.sqrt(count) - Math.sqrt(expected));
  return tTwoSided(Math.min(Math.abs(plain), Math.abs(root)) / spread, df);
}

/** Chance that a day with this expectation is so low, the lowest of some days (Bonferroni). */
export function lowestDayChance(day: CountedDay, days: number, { factor, df }: Dispersion): number {
  const distance = Math.max(0, 2 * (Math.sqrt(day.expected) - Math.sqrt(day.count))) / Math.sqrt(factor);
  return Math.min(1, days * 0.5 * tTwoSided(distance, df));
}

/** The longest run of days without any event, by what was expected of them, and its chance. */
export function longestGap(
  days: readonly CountedDay[],
  { factor }: Pick<Dispersion, 'factor'>,
): { days: number; from: number; chance: number; isAtEnd: boolean } {
  let best = { days: 0, from: 0, expected: 0, isAtEnd: false };
  let run = { days: 0, from: 0, expected: 0 };
  days.forEach(({ day, count, expected }, at) => {
    if (count > 0) run = { days: 0, from: 0, expected: 0 };
    else
      run = { days: run.days + 1, from: run.days === 0 ? day : run.from, expected: run.expected + expected };
    if (run.expected > best.expected) best = { ...run, isAtEnd: at === days.length - 1 };
  });
  const chance = best.days === 0 ? 1 : Math.min(1, days.length * Math.exp(-best.expected / factor));
  return { days: best.days, from: best.from, chance, isAtEnd: best.isAtEnd };
}

/** Median of the last counts of each weekday, Sunday first; of all days where a weekday has fewer than two. */
export function usualByWeekday(days: readonly { day: number; count: number }[], last: number): number[] {
  const overall = median(days.map(({ count }) => count));
  return Array.from({ length: WEEK }, (_, weekday) => {
    const counts = days.filter(({ day }) => weekdayOfMs(day) === weekday).map(({ count }) => count);
    return counts.length < 2 ? overall : median(counts.slice(-last));
  });
}

/** 0 = Sunday, in UTC. */
export function weekdayOfMs(ms: number): number {
  return (((Math.floor(ms / DAY_MS) + 4) % WEEK) + WEEK) % WEEK;
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const ascending = [...values].sort((a, b) => a - b);
  const middle = (ascending.length - 1) / 2;
  return ((ascending[Math.floor(middle)] ?? 0) + (ascending[Math.ceil(middle)] ?? 0)) / 2;
}
