import { DEFAULT_EPOCHS, GRID_NAMES } from './grid';
import {
  POOL_NAME,
  TRUE_OR_FALSE,
  WINDOW_THRESHOLDS,
  oneOf,
  wholeNumber,
  type Values,
  type WindowThreshold,
} from './policy-values';
import { SEARCHES } from './search';

/** How the training window is chosen: by the sales volume (rules R1), or all of the range that a request names. */
export const WINDOWS = ['volume', 'all'] as const;
export type WindowChoice = (typeof WINDOWS)[number];

const SCALERS = ['standard', 'maxabs', 'none'] as const;

const DEFAULT_WINDOW_THRESHOLDS: readonly WindowThreshold[] = [
  { days: 30, sales: 10_000 },
  { days: 14, sales: 50_000 },
];

/** One setting of a policy as data: the check, `factory policy show --explain` and the reference are made from it. */
export interface PolicyField<T> extends Values<T> {
  readonly meaning: string;
  /** What a number counts; empty for names and choices. */
  readonly unit: string;
  readonly default: T;
}

/** What may differ from product to product, in the order in which it is shown. */
export const POLICY_FIELDS = {
  pool: field('which trainers take the trials of the product', '', 'default', POOL_NAME),
  grid: field('which list of trials is searched (rules R5)', '', 'standard', oneOf(GRID_NAMES)),
  search: field(
    'grid trains all trials to the end, random some of them, asha halves them again and again',
    '',
    'grid',
    oneOf(SEARCHES),
  ),
  searchTrials: field(
    'trials of a random search; 0: a third of the grid',
    'trials',
    0,
    wholeNumber(0, 10_000),
  ),
  epochs: field('longest training of a trial', 'epochs', DEFAULT_EPOCHS, wholeNumber(1, 10_000)),
  outOfTimeDays: field(
    'end of the range that is never trained on (rules R1); 0: none',
    'days',
    7,
    wholeNumber(0, 3_650),
  ),
  rangeDays: field('range of a request that names no start', 'days', 90, wholeNumber(1, 36_500)),
  minSales: field('with fewer in the window the run is skipped', 'sales', 500, wholeNumber(1, 1e9)),
  window: field(
    'volume chooses by windowThresholds, all takes the whole range (rules R1)',
    '',
    'volume',
    oneOf(WINDOWS),
  ),
  windowThresholds: field(
    'the first window with more days and more sales than one of these is taken (rules R1)',
    'days and sales',
    DEFAULT_WINDOW_THRESHOLDS,
    WINDOW_THRESHOLDS,
  ),
  maxPositives: field(
    'most visits with the goal in the training part (rules R2)',
    'visits',
    100_000,
    wholeNumber(10, 1e7),
  ),
  negativesPerPositive: field(
    'visits without the goal that are drawn for each one with it (rules R2)',
    'visits',
    8,
    wholeNumber(1, 1_000),
  ),
  outOfTimeMaxPositives: field(
    'most visits with the goal in the out-of-time part',
    'visits',
    20_000,
    wholeNumber(1, 1e7),
  ),
  outOfTimeMaxNegatives: field(
    'most visits without the goal in the out-of-time part',
    'visits',
    200_000,
    wholeNumber(1, 1e8),
  ),
  detrend: field('draw the visits without the goal day by day (rules R2)', '', false, TRUE_OR_FALSE),
  maxFeatures: field(
    'most columns after one-hot encoding (rules R4)',
    'columns',
    400,
    wholeNumber(1, 100_000),
  ),
  scaler: field('how numbers are scaled (rules R4)', '', 'standard', oneOf(SCALERS)),
  groupsInFlight: field(
    'trial groups of a run that are queued at a time',
    'groups',
    4,
    wholeNumber(1, 10_000),
  ),
  deadlineSeconds: field(
    'claimed work, added up over all workers, after which a run is ended as failed',
    'seconds',
    6 * 3600,
    wholeNumber(1, 30 * 86_400),
  ),
  minOutOfTimeGoals: field(
    'goals that the out-of-time part needs to be the judging rows (rules R6)',
    'goals',
    100,
    wholeNumber(1, 1e9),
  ),
} as const;

/** The value of every setting. */
export type Policy = { readonly [F in keyof typeof POLICY_FIELDS]: (typeof POLICY_FIELDS)[F]['default'] };

export const POLICY_NAMES = Object.keys(POLICY_FIELDS) as (keyof Policy)[];

function field<T>(meaning: string, unit: string, byDefault: NoInfer<T>, values: Values<T>): PolicyField<T> {
  return { meaning, unit, default: byDefault, ...values };
}
