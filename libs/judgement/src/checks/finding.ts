import type { CheckCode, CheckLimits } from './check-rules';
import { holmAdjusted } from './holm';

/** What a check has found. */
export interface CheckFinding {
  readonly code: CheckCode;
  readonly severity: 'stop' | 'warn';
  readonly figure: number;
  readonly limit: number;
  /** Column or feature table that it is about. */
  readonly column?: string;
  /** Chance that clean data gives a finding as clear among all tests of the run; absent: the check is no test. */
  readonly chance?: number;
  /** A sentence for people. */
  readonly words: string;
  /** Present: a person has decided that it does not stop this run. */
  readonly overruled?: { readonly reason: string; readonly by: string };
}

/** A check that was made, whether it found something or not. */
export interface Checked {
  readonly code: CheckCode;
  readonly column?: string;
  readonly figure: number;
  /** The effect reaches the limit. */
  readonly isBeyond: boolean;
  /** Chance of the like on clean data, for this test alone; absent: the check is no test. */
  readonly p?: number;
  readonly words: string;
}

/**
 * What of the checks of a run counts: the effect is beyond its limit, and, of tests, chance is ruled out for all of them
 * together (Holm). Tests without an effect are needed as well: they are part of the family.
 */
export function findingsOf(checked: readonly Checked[], { falseStops, checks }: CheckLimits): CheckFinding[] {
  const tests = checked.filter((one) => one.p !== undefined && checks[one.code].severity !== 'off');
  const adjusted = new Map(tests.map((one, at) => [one, at]));
  const chances = holmAdjusted(tests.map(({ p }) => p ?? 1));
  return checked.flatMap((one): CheckFinding[] => {
    const { severity, limit } = checks[one.code];
    if (severity === 'off' || !one.isBeyond) return [];
    const at = adjusted.get(one);
    const chance = at === undefined ? undefined : chances[at];
    if (chance !== undefined && chance > falseStops) return [];
    const { code, figure, column, words } = one;
    return [
      {
        code,
        severity,
        figure,
        limit,
        ...(column === undefined ? {} : { column }),
        ...(chance === undefined ? {} : { chance }),
        words,
      },
    ];
  });
}

/**
 * The limits for one of two stages that check the data of a run, data-prep and sampling: each is a family of tests of
 * its own, and gets half of the false stops.
 */
export function limitsOfStage({ falseStops, checks }: CheckLimits): CheckLimits {
  return { falseStops: falseStops / 2, checks };
}

/** A ratio or its inverse is at least the limit. */
export function isApart(ratio: number, limit: number): boolean {
  return ratio >= limit || ratio <= 1 / limit;
}

export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
