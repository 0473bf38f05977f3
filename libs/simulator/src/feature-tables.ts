import { runningSum, type Random } from './random';

/** Properties of a visit that are drawn before its features. */
export interface VisitContext {
  /** The visitor's intent to buy in this visit; standard normal, never stored. */
  readonly intent: number;
  /** Visits of this visitor before this one. */
  readonly visitsBefore: number;
  /** Null at the first visit. */
  readonly daysSinceLast: number | null;
}

export type SimulatedValue = number | string | null;

export interface SimulatedColumn {
  readonly name: string;
  /** Type in the common subset of MySQL and MariaDB. */
  readonly sqlType: string;
  draw(random: Random, visit: VisitContext): SimulatedValue;
  /** What a known value adds to the true log-odds; absent = nothing. */
  effect?(value: number | string): number;
}

export interface SimulatedTable {
  readonly table: string;
  /** Meaning of an absent row, as in sources.yaml. */
  readonly missing: 'zero' | 'unknown';
  /** Origin of its rows, as in sources.yaml. */
  readonly covers: 'before-visit' | 'whole-visit';
  /** Share of visits without a row, for `unknown`; `zero` tables omit the rows that are all zero. */
  readonly absentShare: number;
  readonly columns: readonly SimulatedColumn[];
}

const count = (
  name: string,
  mean: number,
  pull: number,
  effectOfOne: number,
  zeroShare = 0,
): SimulatedColumn => ({
  name,
  sqlType: 'INT NOT NULL',
  draw: (random, { intent }) => {
    if (random.uniform() < zeroShare) return 0;
    return random.poisson(Math.min(30, mean * Math.exp(pull * intent + 0.4 * random.normal() - 0.08)));
  },
  effect: (value) => effectOfOne * Math.log1p(Number(value)),
});

const seconds = (name: string, median: number, spread: number, effect: number): SimulatedColumn => ({
  name,
  sqlType: 'DOUBLE NULL',
  draw: (random, { intent }) =>
    Math.round(median * Math.exp(0.4 * intent + spread * random.normal()) * 100) / 100,
  effect: (value) => effect * (Math.log(Number(value) + 1) - Math.log(median + 1)),
});

/** Levels by falling frequency (`1 / rank^steepness`): the last ones are rare. */
const category = (
  name: string,
  levels: readonly string[],
  steepness: number,
  effects: readonly number[] = [],
): SimulatedColumn => {
  const weights = runningSum(levels.map((_, rank) => 1 / (rank + 1) ** steepness));
  const effectOf = new Map(levels.map((level, rank) => [level, effects[rank % effects.length] ?? 0]));
  return {
    name,
    sqlType: 'VARCHAR(40) NULL',
    draw: (random) => levels[random.index(weights)] ?? null,
    effect: (value) => effectOf.get(String(value)) ?? 0,
  };
};

const numbered = (word: string, length: number): string[] =>
  Array.from({ length }, (_, at) => `${word}-${String(at + 1).padStart(2, '0')}`);

const daysSinceLast: SimulatedColumn = {
  name: 'days_since_last_visit',
  sqlType: 'DOUBLE NULL',
  draw: (_, visit) => (visit.daysSinceLast === null ? null : Math.round(visit.daysSinceLast * 100) / 100),
  effect: (value) => 0.5 * Math.exp(-Number(value) / 7),
};
const visitsBefore: SimulatedColumn = {
  name: 'visits_before',
  sqlType: 'INT NOT NULL',
  draw: (_, visit) => visit.visitsBefore,
  effect: (value) => 0.3 * Math.log1p(Number(value)),
};
/** Columns that the transform must drop (rules R4). */
const alwaysZero: SimulatedColumn = { name: 'legacy_clicks', sqlType: 'INT NOT NULL', draw: () => 0 };
const neverKnown: SimulatedColumn = { name: 'campaign_note', sqlType: 'VARCHAR(40) NULL', draw: () => null };

const basketAdds = count('basket_adds', 0.25, 1.1, 1.4, 0.5);
const productPages = count('product_pages', 3, 0.5, 0.35);
const searches = count('searches', 0.8, 0.3, 0.25, 0.4);
const sessionSeconds = seconds('session_seconds', 140, 1.1, 0.2);
const device = category('device', ['mobile', 'desktop', 'tablet'], 1.2, [-0.2, 0.3, 0]);
const channel = category(
  'channel',
  ['organic', 'paid-search', 'direct', 'newsletter', 'social', 'affiliate', 'referral', 'print'],
  1.1,
  [0, 0.3, 0.2, 0.6, -0.5, -0.1, 0.1, 0],
);

/** Eighteen columns of every kind: counts that are mostly zero, heavy tails, rare levels, absent rows. */
export const FULL_TABLES: readonly SimulatedTable[] = [
  {
    table: 'agg_pages',
    missing: 'zero',
    covers: 'whole-visit',
    absentShare: 0,
    columns: [
      productPages,
      searches,
      basketAdds,
      count('wishlist_adds', 0.15, 0.8, 0.5, 0.7),
      count('videos', 0.1, 0.2, 0.1, 0.8),
      count('returns_pages', 0.08, -0.2, -0.6, 0.6),
      alwaysZero,
    ],
  },
  {
    table: 'agg_durations',
    missing: 'unknown',
    covers: 'whole-visit',
    absentShare: 0.05,
    columns: [
      sessionSeconds,
      seconds('product_seconds', 45, 1.4, 0.1),
      seconds('idle_seconds', 30, 1.8, 0),
      daysSinceLast,
      visitsBefore,
    ],
  },
  {
    table: 'agg_origin',
    missing: 'unknown',
    covers: 'before-visit',
    absentShare: 0.01,
    columns: [
      channel,
      device,
      category('country', numbered('country', 40), 1.8, [0.1, -0.2, 0.2, 0, -0.1]),
      category('browser', numbered('browser', 90), 1.5),
      category('language', ['de', 'en', 'français', 'español', '中文'], 1.5, [0.1, 0, 0, -0.1, 0]),
      neverKnown,
    ],
  },
];

/** Ten columns in two tables: for shops of hundreds of small products. */
export const SMALL_TABLES: readonly SimulatedTable[] = [
  {
    table: 'agg_pages',
    missing: 'zero',
    covers: 'whole-visit',
    absentShare: 0,
    columns: [
      productPages,
      searches,
      basketAdds,
      count('wishlist_adds', 0.15, 0.8, 0.5, 0.7),
      count('videos', 0.1, 0.2, 0.1, 0.8),
    ],
  },
  {
    table: 'agg_origin',
    missing: 'unknown',
    covers: 'whole-visit',
    absentShare: 0.01,
    columns: [sessionSeconds, daysSinceLast, visitsBefore, channel, device],
  },
];

/** Columns known at the start of a visit: used together with tables of events (`EVENT_TABLES`). */
export const ARRIVAL_TABLES: readonly SimulatedTable[] = [
  {
    table: 'agg_origin',
    missing: 'unknown',
    covers: 'before-visit',
    absentShare: 0.01,
    columns: [daysSinceLast, visitsBefore, channel, device],
  },
];
