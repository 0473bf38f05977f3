import type { CandidateWindow, FoundDates } from './find-dates';
import type { RequestWindow } from './policy-fields';

/** Most windows that a retrain with `window: evidence` trains and compares. */
export const EVIDENCE_WINDOWS = 4;
/** Most windows of a learning curve. */
export const CURVE_WINDOWS = 12;

/** Most windows that are trained and compared; undefined: one. */
export function mostWindows(choice: RequestWindow): number | undefined {
  if (choice === 'evidence') return EVIDENCE_WINDOWS;
  return choice === 'curve' ? CURVE_WINDOWS : undefined;
}

/** Windows of one range that are trained and compared (rules R1); all end at the same instant. */
export interface ComparedWindows {
  readonly longest: CandidateWindow;
  /** At least one, in order of days. */
  readonly shorter: readonly CandidateWindow[];
  /** Start of the one that the sales volume chooses. */
  readonly byVolume: Date;
}

/**
 * Chooses which candidate windows are compared (rules R1): the whole range, what the sales volume chooses, and between
 * the shortest that holds `minSales` and the whole range others whose lengths are spread evenly on a logarithmic scale:
 * what a model gains depends on the ratio of lengths. A candidate with all the sales of the whole range is left out.
 *
 * @param most windows, at least 2
 * @returns undefined if only one remains
 */
export function windowsToCompare(
  { candidates, window }: FoundDates,
  most: number,
  minSales: number,
): ComparedWindows | undefined {
  const longest = candidates.at(-1);
  const all = candidates.filter(({ sales }) => sales >= minSales && sales < (longest?.sales ?? 0));
  const byVolume = all.find(({ days }) => days === window.days);
  const shorter = spread(all, longest?.days ?? 0, most - 1, byVolume);
  if (!longest || shorter.length === 0) return undefined;
  return { longest, shorter, byVolume: (byVolume ?? longest).start };
}

/** Of windows in order of days, those nearest to lengths spread from the shortest to `longestDays`; `must` is among them. */
function spread(
  all: readonly CandidateWindow[],
  longestDays: number,
  most: number,
  must: CandidateWindow | undefined,
): CandidateWindow[] {
  if (all.length <= most) return [...all];
  const [first, last] = [Math.log(all[0]?.days ?? 1), Math.log(longestDays)];
  const chosen = must ? [must] : [];
  const wanted = Array.from({ length: most }, (_, at) => first + (at * (last - first)) / most);
  const isTaken = must && nearest(wanted, (length) => Math.abs(length - Math.log(must.days)));
  for (const length of wanted.filter((one) => one !== isTaken)) {
    const left = all.filter((one) => !chosen.includes(one));
    const one = nearest(left, ({ days }) => Math.abs(Math.log(days) - length));
    if (one) chosen.push(one);
  }
  return chosen.sort((a, b) => a.days - b.days);
}

function nearest<T>(list: readonly T[], distance: (one: T) => number): T | undefined {
  return list.reduce<T | undefined>(
    (best, one) => (best === undefined || distance(one) < distance(best) ? one : best),
    undefined,
  );
}
