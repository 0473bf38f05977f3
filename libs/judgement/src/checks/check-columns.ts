import {
  QUANTILE_SHARES,
  type CategoryStatistics,
  type ColumnStatistics,
  type NumberStatistics,
  type Profile,
} from '@factory/model';
import type { BinCounts } from '../profile/bin-counts';
import { binName } from '../profile/bins';
import type { CheckLimits } from './check-rules';
import { tTwoSided } from './f-distribution';
import { isApart, percent, type Checked } from './finding';
import { testShift, type Shift } from './shift-test';

/** Least difference of shares of unknown values: ten points, as when rows are scored (rules R14). */
const LEAST_POINTS = 0.1;
/** A column whose most frequent value has more than this may be all that value for a while. */
const MOST_CONSTANT = 0.95;
/** Of a level's share before, what is left of it may be this much: the last rows of a switched-off level. */
const REMNANT = 0.02;
/** Correlations with the label speak from so many standard errors on. */
const TELLING = 4;
/** And against the goal, taken together. */
const SURE = 3;

/** New days of a dataset, beside the profile that they are compared with. */
export interface RecentRows {
  /** Of the rows after the profile's `end` only. */
  readonly profile: Profile;
  /** Of the same rows, in the bins of the older profile (`binningsOf`). */
  readonly counts: BinCounts;
}

/**
 * Columns that a dataset has and the champion's profile has not, and the other way round.
 *
 * @param leftOut columns that sources.yaml leaves out: they are not lost
 */
export function checkSchema(
  champion: Pick<Profile, 'columns'>,
  now: Pick<Profile, 'columns'>,
  leftOut: readonly string[] = [],
): Checked[] {
  const before = new Map(champion.columns.map((column) => [column.name, column]));
  const after = new Map(now.columns.map((column) => [column.name, column]));
  return [
    ...[...before.values()].map(({ name, kind }): Checked => {
      const found = after.get(name);
      if (!found && leftOut.includes(name))
        return one('column-lost', name, 0, false, `${name} is left out by sources.yaml.`);
      if (!found)
        return one(
          'column-lost',
          name,
          1,
          true,
          `${name} is gone, and the champion was trained with it: restore it, or overrule this check if it is meant to be gone.`,
        );
      return one(
        'type-changed',
        name,
        found.kind === kind ? 0 : 1,
        found.kind !== kind,
        `${name} held ${plural(kind)} and holds ${plural(found.kind)} now.`,
      );
    }),
    ...[...after.keys()].map((name) =>
      one(
        'column-new',
        name,
        before.has(name) ? 0 : 1,
        !before.has(name),
        `${name} is new: the champion does not know it.`,
      ),
    ),
  ];
}

/** Compares the columns of new days with the champion's profile. */
export function checkColumns(champion: Profile, recent: RecentRows, limits: CheckLimits): Checked[] {
  const now = new Map(
    [...recent.profile.columns, recent.profile.hour].map((column) => [column.name, column]),
  );
  const pairs = [...champion.columns, champion.hour].flatMap((before, at) => {
    const after = now.get(before.name);
    const counted = recent.counts.columns[at];
    if (!after || !counted || after.kind !== before.kind) return [];
    return [{ before, after, shift: testShift(before.bins, champion, counted, recent.counts) }];
  });
  // A column without two bins has no noise of its own to measure: the noisiest other stands in for it.
  const fallback = pairs.reduce<Worth | undefined>(
    (least, { shift }) => (shift && (!least || shift.worth < least.worth) ? shift : least),
    undefined,
  );
  return [
    ...pairs.flatMap(({ before, after, shift }) => {
      const worth = shift ?? fallback;
      const isHour = before.name === champion.hour.name;
      return [
        ...(shift ? checkShift(before, shift, limits, isHour) : []),
        ...(worth && !isHour ? checkValues(before, after, worth, shift, limits) : []),
      ];
    }),
    ...checkDirections(pairs, champion.effectiveRows, recent.profile.effectiveRows, limits),
  ];
}

type Worth = Pick<Shift, 'worth' | 'second'>;

function checkShift(
  column: ColumnStatistics,
  shift: Shift,
  { checks }: CheckLimits,
  isHour: boolean,
): Checked[] {
  const { psi, p, effect } = shift;
  const moved = Array.from(shift.now, (share, bin) => ({ bin, by: share - (shift.before[bin] ?? 0) }))
    .sort((a, b) => Math.abs(b.by) - Math.abs(a.by))
    .slice(0, 2)
    .map(
      ({ bin }) =>
        `${binName(column.bins, bin)}: ${percent(shift.before[bin] ?? 0)} to ${percent(shift.now[bin] ?? 0)}`,
    )
    .join('; ');
  const words = (what: string): string =>
    `${what} (Cohen's w ${figure(effect)}, PSI ${figure(psi)} where chance gives ${figure(shift.expected)}): ${moved}.`;
  if (isHour)
    return [
      {
        code: 'clock-shift',
        figure: effect,
        isBeyond: effect >= checks['clock-shift'].limit,
        p,
        words: words('The hours of the visits (UTC) have moved'),
      },
    ];
  const isLarge = effect >= checks.shift.limit;
  return [
    {
      code: isLarge ? 'shift' : 'shift-small',
      column: column.name,
      figure: effect,
      isBeyond: isLarge || effect >= checks['shift-small'].limit,
      p,
      words: words(`${column.name} has moved`),
    },
  ];
}

function checkValues(
  before: ColumnStatistics,
  after: ColumnStatistics,
  worth: Worth,
  shift: Shift | undefined,
  { checks }: CheckLimits,
): Checked[] {
  const { name } = before;
  const h = cohensH(after.missing) - cohensH(before.missing);
  const isGone = after.missing === 1 && before.missing < 1;
  const missing: Checked[] = [
    {
      code: isGone ? 'all-missing' : 'missing-share',
      column: name,
      figure: isGone ? 1 : h,
      isBeyond:
        isGone ||
        (Math.abs(h) >= checks['missing-share'].limit &&
          Math.abs(after.missing - before.missing) >= LEAST_POINTS),
      p: shareChance(before.missing, after.missing, worth),
      words: isGone
        ? `Nothing is known of ${name} any more; before, ${percent(before.missing)} of its values were unknown.`
        : `${percent(after.missing)} of ${name} are unknown, before ${percent(before.missing)}.`,
    },
  ];
  if (after.missing === 1) return missing;
  const own =
    before.kind === 'number' && after.kind === 'number'
      ? checkNumbers(before, after, worth, shift, checks)
      : before.kind === 'category' && after.kind === 'category'
        ? checkLevels(before, after, worth, checks)
        : [];
  return [...missing, ...own];
}

function checkNumbers(
  before: NumberStatistics,
  after: NumberStatistics,
  worth: Worth,
  shift: Shift | undefined,
  checks: CheckLimits['checks'],
): Checked[] {
  const { name } = before;
  const most = mostFrequent(before);
  const isStuck = after.min === after.max && before.min < before.max;
  const below = QUANTILE_SHARES.filter((_, at) => (after.quantiles[at] ?? 0) < before.min).at(-1) ?? 0;
  const above = 1 - (QUANTILE_SHARES.find((_, at) => (after.quantiles[at] ?? 0) > before.max) ?? 1);
  const outside = Math.max(below, above);
  const ratio = before.medianSize > 0 && after.medianSize > 0 ? after.medianSize / before.medianSize : 1;
  return [
    {
      code: 'constant-column',
      column: name,
      figure: isStuck ? 1 : 2,
      isBeyond: isStuck && most <= MOST_CONSTANT,
      p: isStuck ? shareChance(most, 1, worth) : 1,
      words: `${name} is ${after.min} throughout; before, it was from ${before.min} to ${before.max}.`,
    },
    {
      code: 'out-of-range',
      column: name,
      figure: outside,
      isBeyond: outside >= checks['out-of-range'].limit,
      p: shareChance(0, outside, worth),
      words:
        `At least ${percent(outside)} of ${name} are ${below >= above ? 'below' : 'above'} everything in the training ` +
        `window (${before.min} to ${before.max}).`,
    },
    {
      code: 'unit-change',
      column: name,
      figure: ratio,
      isBeyond: isApart(ratio, checks['unit-change'].limit),
      p: shift?.p ?? 1,
      words: `Values of ${name} are ${figure(ratio)} times as large as before (median size ${figure(after.medianSize)}, before ${figure(before.medianSize)}): another unit?`,
    },
  ];
}

function checkLevels(
  before: CategoryStatistics,
  after: CategoryStatistics,
  worth: Worth,
  checks: CheckLimits['checks'],
): Checked[] {
  const { name } = before;
  const shareNow = new Map(after.levels.map(({ level, share }) => [level, share]));
  const known = new Set(before.levels.map(({ level }) => level));
  // A level beyond the listed ones has at most the share of the last listed one.
  const unlistedNow = after.rest.levels > 0 ? (after.levels.at(-1)?.share ?? 0) : 0;
  const vanished = before.levels
    .filter(({ share }) => share >= checks['level-vanished'].limit)
    .map(({ level, share }): Checked => {
      const left = shareNow.get(level) ?? unlistedNow;
      return {
        code: 'level-vanished',
        column: name,
        figure: share,
        isBeyond: left <= REMNANT * share,
        p: shareChance(share, left, worth),
        words: `${name} is hardly ever "${level}" any more (${percent(left)}); before, ${percent(share)} were.`,
      };
    });
  const unlistedBefore = before.rest.levels > 0 ? (before.levels.at(-1)?.share ?? 0) : 0;
  const fresh = after.levels
    .filter(({ level, share }) => !known.has(level) && share >= checks['level-new'].limit)
    .map(({ level, share }): Checked => ({
      code: 'level-new',
      column: name,
      figure: share,
      isBeyond: true,
      p: shareChance(unlistedBefore, share, worth),
      words: `${percent(share)} of ${name} are "${level}", which the training window did not have.`,
    }));
  return [...vanished, ...fresh];
}

/** Whether columns of numbers that told goals from others now tell them the other way round. */
function checkDirections(
  pairs: readonly { before: ColumnStatistics; after: ColumnStatistics }[],
  rowsBefore: number,
  rowsNow: number,
  { checks }: CheckLimits,
): Checked[] {
  const telling = pairs.flatMap(({ before, after }) =>
    before.kind === 'number' &&
    after.kind === 'number' &&
    Math.abs(before.correlation) * Math.sqrt(rowsBefore) >= TELLING
      ? [{ before: before.correlation, now: after.correlation }]
      : [],
  );
  if (telling.length === 0) return [];
  const sum = (of: (one: (typeof telling)[number]) => number): number =>
    telling.reduce((total, one) => total + of(one), 0);
  const product = sum(({ before, now }) => before * now);
  const size = Math.sqrt(sum(({ before }) => before ** 2) * sum(({ now }) => now ** 2));
  const cosine = size > 0 ? product / size : 0;
  // As if all columns were one and the same: the correlations' errors then add up at worst.
  const errors = telling.length * Math.sqrt(sum(({ before }) => before ** 2) / telling.length / rowsNow);
  const opposed = telling.filter(({ before, now }) => before * now < 0).length;
  return [
    {
      code: 'label-flip',
      figure: cosine,
      isBeyond: cosine <= checks['label-flip'].limit && product <= -SURE * errors,
      words:
        `${opposed} of ${telling.length} columns that spoke for the goal speak against it, or the other way ` +
        'round: goals and other visits may have changed places.',
    },
  ];
}

/** Chance of a share moving so far, by its arcsine, with the independent rows that the column's noise leaves. */
function shareChance(before: number, now: number, { worth, second }: Worth): number {
  return tTwoSided((cohensH(now) - cohensH(before)) * Math.sqrt(worth), second);
}

function cohensH(share: number): number {
  return 2 * Math.asin(Math.sqrt(share));
}

/** Share of the known values that the most frequent one has, as far as bins tell. */
function mostFrequent({ bins, missing }: NumberStatistics): number {
  const known = 1 - missing;
  return bins.mode === null || bins.mode === undefined || known <= 0 ? 0 : (bins.shares[1] ?? 0) / known;
}

function one(
  code: Checked['code'],
  column: string,
  figureOf: number,
  isBeyond: boolean,
  words: string,
): Checked {
  return { code, column, figure: figureOf, isBeyond, words };
}

function plural(kind: ColumnStatistics['kind']): string {
  return kind === 'number' ? 'numbers' : 'categories';
}

function figure(value: number): number {
  return Number(value.toPrecision(3));
}
