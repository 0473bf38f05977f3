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

/**
 * How the training window is chosen (rules R1): by the sales volume, the whole range of the request, or by the evidence of
 * a few that are trained and compared.
 */
export const WINDOWS = ['volume', 'all', 'evidence'] as const;
export type WindowChoice = (typeof WINDOWS)[number];

/** The same in a request, which may ask for a learning curve as well: many windows, and nothing is published. */
export const REQUEST_WINDOWS = [...WINDOWS, 'curve'] as const;
export type RequestWindow = (typeof REQUEST_WINDOWS)[number];

/** Whether probabilities that are off out of time are repaired (rules R6). */
export const REPAIRS = ['auto', 'off'] as const;

const SCALERS = ['standard', 'maxabs', 'none'] as const;

const DEFAULT_WINDOW_THRESHOLDS: readonly WindowThreshold[] = [
  { days: 30, sales: 10_000 },
  { days: 14, sales: 50_000 },
];

/**
 * One setting of a policy as data: validation, `factory policy show --explain` and the reference are generated
 * from it.
 */
export interface PolicyField<T> extends Values<T> {
  readonly meaning: string;
  /** What a number counts; empty for names and choices. */
  readonly unit: string;
  readonly default: T;
}

/** The settings that may differ between products, in the order in which they are shown. */
export const POLICY_FIELDS = {
  pool: field('pool of trainers that train the trials of the product', '', 'default', POOL_NAME),
  grid: field('list of trials to search (rules R5)', '', 'standard', oneOf(GRID_NAMES)),
  search: field(
    'grid: train all trials to the end, random: train a random subset, asha: stop the worst early (successive halving)',
    '',
    'grid',
    oneOf(SEARCHES),
  ),
  searchTrials: field(
    'number of trials of a random search; 0: a third of the grid',
    'trials',
    0,
    wholeNumber(0, 10_000),
  ),
  epochs: field('maximum number of epochs of a trial', 'epochs', DEFAULT_EPOCHS, wholeNumber(1, 10_000)),
  outOfTimeDays: field(
    'latest days of the range, held out from training (rules R1); 0: none',
    'days',
    7,
    wholeNumber(0, 3_650),
  ),
  rangeDays: field(
    'length of the range of a request without a start date',
    'days',
    90,
    wholeNumber(1, 36_500),
  ),
  minSales: field('minimum in the window; with fewer the run is skipped', 'sales', 500, wholeNumber(1, 1e9)),
  window: field(
    'volume: chosen by windowThresholds, all: the whole range, evidence: up to four are trained and compared (rules R1)',
    '',
    'volume',
    oneOf(WINDOWS),
  ),
  windowThresholds: field(
    'the first window with more days and more sales than one of these is chosen (rules R1)',
    'days and sales',
    DEFAULT_WINDOW_THRESHOLDS,
    WINDOW_THRESHOLDS,
  ),
  maxPositives: field(
    'maximum number of visits with the goal in the training part (rules R2)',
    'visits',
    100_000,
    wholeNumber(10, 1e7),
  ),
  negativesPerPositive: field(
    'visits without the goal drawn per visit with the goal (rules R2)',
    'visits',
    8,
    wholeNumber(1, 1_000),
  ),
  outOfTimeMaxPositives: field(
    'maximum number of visits with the goal in the out-of-time part',
    'visits',
    20_000,
    wholeNumber(1, 1e7),
  ),
  outOfTimeMaxNegatives: field(
    'maximum number of visits without the goal in the out-of-time part',
    'visits',
    200_000,
    wholeNumber(1, 1e8),
  ),
  detrend: field('draw the visits without the goal day by day (rules R2)', '', false, TRUE_OR_FALSE),
  maxFeatures: field(
    'maximum number of columns after one-hot encoding (rules R4)',
    'columns',
    400,
    wholeNumber(1, 100_000),
  ),
  scaler: field('how numbers are scaled (rules R4)', '', 'standard', oneOf(SCALERS)),
  groupsInFlight: field(
    'trial groups of a run that are queued at the same time',
    'groups',
    4,
    wholeNumber(1, 10_000),
  ),
  deadlineSeconds: field(
    'maximum total work time of a run, summed over all workers; then the run fails',
    'seconds',
    6 * 3600,
    wholeNumber(1, 30 * 86_400),
  ),
  minOutOfTimeGoals: field(
    'minimum number of goals in the out-of-time part for judging on it (rules R6)',
    'goals',
    100,
    wholeNumber(1, 1e9),
  ),
  repair: field(
    'auto: probabilities that are off out of time are repaired on half of the visitors, off: never (rules R6)',
    '',
    'auto',
    oneOf(REPAIRS),
  ),
  repairGoals: field(
    'minimum number of goals in the out-of-time part for a repair to be considered (rules R6)',
    'goals',
    2_000,
    wholeNumber(1, 1e9),
  ),
} as const;

/** The values of all settings. */
export type Policy = { readonly [F in keyof typeof POLICY_FIELDS]: (typeof POLICY_FIELDS)[F]['default'] };

export const POLICY_NAMES = Object.keys(POLICY_FIELDS) as (keyof Policy)[];

function field<T>(meaning: string, unit: string, byDefault: NoInfer<T>, values: Values<T>): PolicyField<T> {
  return { meaning, unit, default: byDefault, ...values };
}
