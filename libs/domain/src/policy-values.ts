import { POOL_PATTERN, POOL_TODO } from './names';

/** Which values a setting takes, for documentation and validation. */
export interface Values<T> {
  /** The allowed values in words: `0 to 3650`, `quick, standard, full`. */
  readonly range: string;
  /** What to do about any other value: a sentence that starts with a verb. */
  readonly todo: string;
  readonly accepts: (value: unknown) => value is T;
}

/** One rule for stopping at a candidate window: `days > minDays and sales > minSales` (rules R1). */
export interface WindowThreshold {
  readonly days: number;
  readonly sales: number;
}

export function wholeNumber(least: number, most: number): Values<number> {
  return {
    range: `${least} to ${most}`,
    todo: `give a whole number from ${least} to ${most}`,
    accepts: (value): value is number =>
      typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most,
  };
}

export function oneOf<T extends string>(choices: readonly T[]): Values<T> {
  const listed = choices.join(', ');
  return {
    range: listed,
    todo: `use one of ${listed}`,
    accepts: (value): value is T => choices.some((choice) => choice === value),
  };
}

export const TRUE_OR_FALSE: Values<boolean> = {
  range: 'true, false',
  todo: 'give true or false',
  accepts: (value): value is boolean => typeof value === 'boolean',
};

export const POOL_NAME: Values<string> = {
  range: '1 to 40 characters of a-z, 0-9 and hyphen',
  todo: POOL_TODO,
  accepts: (value): value is string => typeof value === 'string' && POOL_PATTERN.test(value),
};

export const WINDOW_THRESHOLDS: Values<readonly WindowThreshold[]> = {
  range: 'a list of {days, sales}, both whole numbers of at least 0',
  todo: 'give a list of {days, sales}, both whole numbers of at least 0',
  accepts: (value): value is readonly WindowThreshold[] => Array.isArray(value) && value.every(isThreshold),
};

function isThreshold(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { days, sales } = value as Record<string, unknown>;
  return [days, sales].every((one) => typeof one === 'number' && Number.isInteger(one) && one >= 0);
}
