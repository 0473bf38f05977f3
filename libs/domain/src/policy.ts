import { BadInputsError, type Refusal } from './errors';
import { GRID_NAMES, type GridName } from './grid';
import { POOL_PATTERN, POOL_TODO } from './names';
import { SEARCHES, type SearchChoice } from './search';

/** How the training window is chosen: by the sales volume (RULES R1), or all of the range that a request names. */
export const WINDOWS = ['volume', 'all'] as const;
export type WindowChoice = (typeof WINDOWS)[number];

const SCALERS = ['standard', 'maxabs', 'none'] as const;

/** One rule for stopping at a candidate window: `days > minDays and sales > minSales` (RULES R1). */
export interface WindowThreshold {
  readonly days: number;
  readonly sales: number;
}

/** What may differ from product to product. Every field has a default; see `DEFAULT_POLICY`. */
export interface Policy extends SearchChoice {
  /** Which trainers take the product's trials. */
  readonly pool: string;
  readonly grid: GridName;
  /** Most epochs of a trial. */
  readonly epochs: number;
  /** Days at the end of the range that are never trained on; 0 = none (RULES R1). */
  readonly outOfTimeDays: number;
  /** Days of the range when a request names no start. */
  readonly rangeDays: number;
  /** Fewer sales than this in the window: the run is skipped. */
  readonly minSales: number;
  /** `all`: the whole range is trained on, whatever `windowThresholds` say. */
  readonly window: WindowChoice;
  readonly windowThresholds: readonly WindowThreshold[];
  /** Most goals drawn into the training part (RULES R2). */
  readonly maxPositives: number;
  /** Other visits drawn for each goal. */
  readonly negativesPerPositive: number;
  readonly outOfTimeMaxPositives: number;
  readonly outOfTimeMaxNegatives: number;
  /** Draw the other visits day by day, 8 x that day's goals (RULES R2). */
  readonly detrend: boolean;
  /** Most columns after one-hot (RULES R4). */
  readonly maxFeatures: number;
  readonly scaler: (typeof SCALERS)[number];
  /** Trial groups of one run that may be queued at a time (DESIGN 2). */
  readonly groupsInFlight: number;
  /** Seconds of claimed work after which a run is ended as failed. */
  readonly deadlineSeconds: number;
  /** Goals that the out-of-time part needs to be the judging rows (RULES R6). */
  readonly minOutOfTimeGoals: number;
}

export const DEFAULT_POLICY: Policy = {
  pool: 'default',
  grid: 'standard',
  search: 'grid',
  searchTrials: 0,
  epochs: 50,
  outOfTimeDays: 7,
  rangeDays: 90,
  minSales: 500,
  window: 'volume',
  windowThresholds: [
    { days: 30, sales: 10_000 },
    { days: 14, sales: 50_000 },
  ],
  maxPositives: 100_000,
  negativesPerPositive: 8,
  outOfTimeMaxPositives: 20_000,
  outOfTimeMaxNegatives: 200_000,
  detrend: false,
  maxFeatures: 400,
  scaler: 'standard',
  groupsInFlight: 4,
  deadlineSeconds: 6 * 3600,
  minOutOfTimeGoals: 100,
};

interface WholeNumberField {
  readonly least: number;
  readonly most: number;
}

const WHOLE_NUMBERS: Partial<Record<keyof Policy, WholeNumberField>> = {
  searchTrials: { least: 0, most: 10_000 },
  epochs: { least: 1, most: 10_000 },
  outOfTimeDays: { least: 0, most: 3_650 },
  rangeDays: { least: 1, most: 36_500 },
  minSales: { least: 1, most: 1e9 },
  maxPositives: { least: 10, most: 1e7 },
  negativesPerPositive: { least: 1, most: 1_000 },
  outOfTimeMaxPositives: { least: 1, most: 1e7 },
  outOfTimeMaxNegatives: { least: 1, most: 1e8 },
  maxFeatures: { least: 1, most: 100_000 },
  groupsInFlight: { least: 1, most: 10_000 },
  deadlineSeconds: { least: 1, most: 30 * 86_400 },
  minOutOfTimeGoals: { least: 1, most: 1e9 },
};

/**
 * Completes what somebody set with the defaults, or with `base`.
 *
 * @throws BadInputsError `invalid-policy` naming every unknown field and every value out of range
 */
export function completePolicy(
  given: Readonly<Record<string, unknown>>,
  base: Policy = DEFAULT_POLICY,
): Policy {
  const refusals = Object.entries(given).flatMap(([field, value]) => refuse(field, value));
  if (refusals.length > 0) throw new BadInputsError('invalid-policy', refusals);
  return { ...base, ...given };
}

/**
 * A policy as a run keeps it, in fields that every release reads: while services are upgraded one after the other, an
 * older one may do the run's next stage. All of the range is there a list of no thresholds.
 */
export function policyOfRun({ window, ...fields }: Policy): Omit<Policy, 'window'> {
  return window === 'all' ? { ...fields, windowThresholds: [] } : fields;
}

/**
 * What `policyOfRun` kept, completed. A newer release's fields, which this one cannot follow, are passed over: they
 * were checked when the request was taken.
 *
 * @throws BadInputsError `invalid-policy`
 */
export function completePolicyOfRun(kept: Readonly<Record<string, unknown>>): Policy {
  return completePolicy(
    Object.fromEntries(Object.entries(kept).filter(([field]) => Object.hasOwn(DEFAULT_POLICY, field))),
  );
}

function refuse(field: string, value: unknown): Refusal[] {
  const todo = whatToDo(field, value);
  return todo ? [{ field: `policy.${field}`, value, todo }] : [];
}

function whatToDo(field: string, value: unknown): string | undefined {
  if (!Object.hasOwn(DEFAULT_POLICY, field))
    return `remove it, or use one of ${Object.keys(DEFAULT_POLICY).join(', ')}`;
  const range = WHOLE_NUMBERS[field as keyof Policy];
  if (range) {
    const fits =
      typeof value === 'number' && Number.isInteger(value) && value >= range.least && value <= range.most;
    return fits ? undefined : `give a whole number from ${range.least} to ${range.most}`;
  }
  switch (field) {
    case 'pool':
      return typeof value === 'string' && POOL_PATTERN.test(value) ? undefined : POOL_TODO;
    case 'grid':
      return GRID_NAMES.some((name) => name === value) ? undefined : `use one of ${GRID_NAMES.join(', ')}`;
    case 'search':
      return SEARCHES.some((name) => name === value) ? undefined : `use one of ${SEARCHES.join(', ')}`;
    case 'scaler':
      return SCALERS.some((name) => name === value) ? undefined : `use one of ${SCALERS.join(', ')}`;
    case 'window':
      return WINDOWS.some((name) => name === value) ? undefined : `use one of ${WINDOWS.join(', ')}`;
    case 'detrend':
      return typeof value === 'boolean' ? undefined : 'give true or false';
    default:
      return Array.isArray(value) && value.every(isThreshold)
        ? undefined
        : 'give a list of {days, sales}, both whole numbers of at least 0';
  }
}

function isThreshold(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { days, sales } = value as Record<string, unknown>;
  return [days, sales].every((one) => typeof one === 'number' && Number.isInteger(one) && one >= 0);
}
