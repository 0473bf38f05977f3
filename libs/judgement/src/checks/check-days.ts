import type { CheckCode, CheckLimits } from './check-rules';
import { isApart, percent, type Checked } from './finding';
import {
  dispersionOf,
  levelChance,
  longestGap,
  lowestDayChance,
  usualByWeekday,
  weekdayOfMs,
  type CountedDay,
} from './level-test';

/** Fewer days of history than this say nothing of a product's rhythm. */
export const LEAST_HISTORY_DAYS = 14;
/** Weeks that a usual weekday is made of: older ones may be of another season. */
const LAST_WEEKS = 8;
/** Goals that a weekday's own rate is held against the rate of all days with. */
const SHRINK_GOALS = 20;

/** Counts of one day of a product, before anything is drawn: 24 hours, named by the date that most of them are on. */
export interface DayCount {
  /** Midnight UTC of that date, milliseconds. */
  readonly day: number;
  readonly visits: number;
  /** Distinct visit ids. */
  readonly distinctVisits: number;
  /** Visits that can have the goal; absent: all. */
  readonly labelled?: number;
  readonly goals: number;
  /** Visits whose rows in the feature tables were looked up; absent: all. */
  readonly lookedUp?: number;
  /** Of those, visits with a row, by feature table. */
  readonly tables: Readonly<Record<string, number>>;
}

/** Checks that hold new days against the history. */
const OF_RHYTHM: readonly CheckCode[] = [
  'rows-low',
  'rows-high',
  'day-low',
  'missing-day',
  'stale-data',
  'goal-rate',
  'goal-outage',
  'table-outage',
];

/**
 * The limits for a product without a champion: what stands out in its days only warns. What is imported for the first
 * time may end anywhere, on a half day too, and there is no model yet that a worse one could replace.
 */
export function limitsOfFirstModel({ falseStops, checks }: CheckLimits): CheckLimits {
  const milder = OF_RHYTHM.filter((code) => checks[code].severity === 'stop').map(
    (code) => [code, { ...checks[code], severity: 'warn' }] as const,
  );
  return { falseStops, checks: { ...checks, ...Object.fromEntries(milder) } };
}

/**
 * Looks at the days of a range, days without a visit included: the new ones against the product's own history, which
 * begins with its first visit.
 *
 * @param days ascending, without a gap
 * @param newFrom midnight UTC of the first new day: after the champion's end
 */
export function checkDays(days: readonly DayCount[], newFrom: number, limits: CheckLimits): Checked[] {
  const { history, fresh } = apart(days, newFrom);
  const whole = [...checkDuplicates(days, limits), ...checkLabel(days)];
  if (!hasRhythm(days, newFrom)) return whole;
  const tables = [...new Set(days.flatMap((one) => Object.keys(one.tables)))].sort();
  return [
    ...whole,
    ...checkVolume(history, fresh, limits),
    ...checkRate(
      history,
      fresh,
      ({ goals, labelled, visits }) => ({ count: goals, of: labelled ?? visits }),
      { rate: 'goal-rate', gap: 'goal-outage', what: 'goals' },
      limits,
    ),
    ...tables.flatMap((table) =>
      checkRate(
        history,
        fresh,
        (one) => ({
          count: Object.hasOwn(one.tables, table) ? (one.tables[table] ?? 0) : 0,
          of: one.lookedUp ?? one.visits,
        }),
        { rate: 'table-outage', gap: 'table-outage', what: `rows in ${table}`, column: table },
        limits,
      ),
    ),
  ];
}

/** Whether there are new days, and enough before them to say what is usual. */
export function hasRhythm(days: readonly Pick<DayCount, 'day' | 'visits'>[], newFrom: number): boolean {
  const { history, fresh } = apart(days, newFrom);
  return history.length >= LEAST_HISTORY_DAYS && fresh.length > 0;
}

function apart<Day extends Pick<DayCount, 'day' | 'visits'>>(days: readonly Day[], newFrom: number) {
  const first = days.find(({ visits }) => visits > 0)?.day ?? newFrom;
  return {
    history: days.filter(({ day }) => day >= first && day < newFrom),
    fresh: days.filter(({ day }) => day >= newFrom),
  };
}

function checkDuplicates(days: readonly DayCount[], { checks }: CheckLimits): Checked[] {
  // A fault of some days is not to be thinned by the others.
  const worst = days.reduce(
    (most, { visits, distinctVisits }) => Math.max(most, visits > 0 ? 1 - distinctVisits / visits : 0),
    0,
  );
  const visits = sumOf(days, (one) => one.visits);
  const share = visits > 0 ? 1 - sumOf(days, (one) => one.distinctVisits) / visits : 0;
  return [
    {
      code: 'duplicate-visits',
      figure: share,
      isBeyond: share >= checks['duplicate-visits'].limit,
      words: `${percent(share)} of the visits are there more than once, on the worst day ${percent(worst)}.`,
    },
  ];
}

function checkLabel(days: readonly DayCount[]): Checked[] {
  const visits = sumOf(days, (one) => one.visits);
  const goals = sumOf(days, (one) => one.goals);
  const isConstant = visits > 0 && (goals === 0 || goals >= visits);
  return [
    {
      code: 'constant-label',
      figure: isConstant ? 1 : 2,
      isBeyond: isConstant,
      words: goals === 0 ? 'No visit has the goal.' : 'Every visit has the goal.',
    },
  ];
}

function checkVolume(
  history: readonly DayCount[],
  fresh: readonly DayCount[],
  { checks }: CheckLimits,
): Checked[] {
  const usual = usualByWeekday(
    history.map(({ day, visits }) => ({ day, count: visits })),
    LAST_WEEKS,
  );
  const expect = ({ day, visits }: DayCount): CountedDay => ({
    day,
    count: visits,
    expected: usual[weekdayOfMs(day)] ?? 0,
  });
  const [past, now] = [history.map(expect), fresh.map(expect)];
  const recent = past.slice(-LAST_WEEKS * 7);
  const dispersion = dispersionOf(recent, Math.min(7, recent.length - 1));
  const expected = sumOf(now, (one) => one.expected);
  if (!(expected > 0)) return [];
  const ratio = sumOf(now, (one) => one.count) / expected;
  // A median is worth 2 / pi of a mean.
  const p = levelChance(now, dispersion, (2 / Math.PI) * sumOf(recent, (one) => one.count));
  const lowest = now.reduce((low, one) => (shareOf(one) < shareOf(low) ? one : low));
  const gap = longestGap(now, dispersion);
  const isLow = ratio < 1;
  return [
    {
      code: isLow ? 'rows-low' : 'rows-high',
      figure: ratio,
      isBeyond: isLow ? ratio <= checks['rows-low'].limit : ratio >= checks['rows-high'].limit,
      p,
      words: `The ${now.length} new days have ${percent(ratio)} of the visits that their weekdays usually have.`,
    },
    {
      code: 'day-low',
      figure: shareOf(lowest),
      isBeyond: lowest.count > 0 && shareOf(lowest) <= checks['day-low'].limit,
      p: lowestDayChance(lowest, now.length, dispersion),
      words: `${dayText(lowest.day)} has ${percent(shareOf(lowest))} of the visits that its weekday usually has.`,
    },
    {
      code: gap.isAtEnd ? 'stale-data' : 'missing-day',
      figure: gap.days,
      isBeyond: gap.days >= checks[gap.isAtEnd ? 'stale-data' : 'missing-day'].limit,
      p: gap.chance,
      words: gap.isAtEnd
        ? `There is no visit since ${dayText(gap.from)}: ${gap.days} days have not arrived.`
        : `There is no visit on ${gap.days} days from ${dayText(gap.from)} on.`,
    },
  ];
}

interface RateWords {
  readonly rate: CheckCode;
  readonly gap: CheckCode;
  readonly what: string;
  readonly column?: string;
}

/** Of the visits, how many have something: goals, or rows in a table. */
function checkRate(
  history: readonly DayCount[],
  fresh: readonly DayCount[],
  shareOfDay: (day: DayCount) => { readonly count: number; readonly of: number },
  { rate, gap: gapCode, what, column }: RateWords,
  { checks }: CheckLimits,
): Checked[] {
  const countOf = (one: DayCount): number => shareOfDay(one).count;
  const visitsOf = (one: DayCount): number => shareOfDay(one).of;
  const known = sumOf(history, countOf);
  const visits = sumOf(history, visitsOf);
  if (known === 0 || visits === 0) return [];
  const overall = known / visits;
  const rates = Array.from({ length: 7 }, (_, weekday) => {
    const days = history.filter(({ day }) => weekdayOfMs(day) === weekday);
    return (sumOf(days, countOf) + SHRINK_GOALS) / (sumOf(days, visitsOf) + SHRINK_GOALS / overall);
  });
  const expect = (one: DayCount): CountedDay => ({
    day: one.day,
    count: countOf(one),
    expected: visitsOf(one) * (rates[weekdayOfMs(one.day)] ?? overall),
  });
  const [past, now] = [history.map(expect), fresh.map(expect)];
  // A rate of all but 1 hardly varies by chance; a floor, since days are never that alike.
  const scale = Math.max(1 - overall, 0.05);
  const dispersion = dispersionOf(past, Math.min(7, past.length - 1), scale);
  const expected = sumOf(now, (one) => one.expected);
  if (!(expected > 0)) return [];
  const ratio = sumOf(now, (one) => one.count) / expected;
  const about = column === undefined ? {} : { column };
  const gap = longestGap(now, dispersion);
  return [
    {
      code: rate,
      ...about,
      figure: ratio,
      isBeyond: rate === 'table-outage' ? ratio <= checks[rate].limit : isApart(ratio, checks[rate].limit),
      p: levelChance(now, dispersion, known, scale),
      words: `The ${now.length} new days have ${percent(ratio)} of the ${what} that so many visits usually have.`,
    },
    {
      code: gapCode,
      ...about,
      figure: gapCode === 'table-outage' ? 0 : gap.days,
      isBeyond: gap.days >= 1,
      p: gap.chance,
      words: `There are no ${what} on ${gap.days} days from ${dayText(gap.from)} on.`,
    },
  ];
}

function shareOf({ count, expected }: CountedDay): number {
  return expected > 0 ? count / expected : 1;
}

function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, one) => sum + of(one), 0);
}

function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
