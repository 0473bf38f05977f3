import type { WindowMessage } from '@factory/contracts';
import { count } from './format';

const DAY_MS = 86_400_000;

/** `2024-01-05 to 2024-03-25, 79 of 790 days`; the last day inclusive. */
export function windowText(window: WindowMessage | undefined): string {
  if (!window) return '';
  if (window.noTime) return 'every visit: no time, no out-of-time part';
  const { start, trainEnd, days, rangeStart } = window;
  const whole = rangeStart === undefined ? days : daysBetween(rangeStart, trainEnd);
  const of = Math.round(whole) > Math.round(days) ? ` of ${count(Math.round(whole))}` : '';
  return `${day(start)} to ${day(trainEnd, -1)}, ${count(Math.round(days))}${of} days`;
}

/**
 * Why windows are shorter than the requested ranges, and how to widen them; empty if none is.
 *
 * @param where product, source and goal of the policy that would change it
 */
export function windowNote(windows: readonly WindowMessage[], where = 'PRODUCT'): string {
  const shorter = windows.find(({ start, rangeStart }) => rangeStart !== undefined && rangeStart < start);
  if (!shorter) return '';
  const { passed, evidence, notCompared } = shorter;
  if (evidence !== undefined)
    return evidence === 'fresher'
      ? 'A window is shorter than its range because models of longer windows were surely worse: see `factory runs show RUN`.'
      : 'Windows were to be compared, but there were too few goals: the sales volume has chosen.';
  const compared = notCompared === undefined ? '' : `Windows were not compared: ${notCompared}. `;
  const why = passed
    ? `: the first of weekly steps with more than ${count(passed.sales)} sales in more than ${count(passed.days)} days`
    : '';
  return (
    compared +
    `A window is the latest part of the range with enough sales${why}.\n` +
    'To train on the whole range: once with `factory retrain --window all`, always with ' +
    `\`factory policy set ${where} window=all\`.`
  );
}

function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}

function day(instant: string, shiftMs = 0): string {
  return new Date(Date.parse(instant) + shiftMs).toISOString().slice(0, 10);
}
