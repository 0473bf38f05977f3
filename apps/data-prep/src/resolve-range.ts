import { BadInputError, type Policy } from '@factory/domain';
import { DateTime } from 'luxon';

const DAY_MS = 86_400_000;
const FORM = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2})(?:\.\d{1,3})?Z?)?$/;

/** The range of a request, with the values needed to complete it. */
export interface RangeRequest {
  /** First second, inclusive, UTC: `2023-01-01` or `2023-01-01 00:00:00`. */
  readonly startDate?: string | undefined;
  /** Last second, inclusive, UTC; a bare date means that whole day. */
  readonly endDate?: string | undefined;
  /** Time zone of the source: its last midnight is the end if none is given. */
  readonly timeZone: string;
  /** Days after the visit within which a goal counts. */
  readonly horizonDays: number;
  /** Seconds from a visit's start to its cut, if fixed. Default 0. */
  readonly observeSeconds?: number;
  readonly now: Date;
}

/** Half-open, UTC; no start = the policy's `rangeDays` before the end (see `startOfRange`). */
export interface ResolvedRange {
  readonly start?: Date;
  readonly end: Date;
}

/**
 * Turns a request's dates into a half-open range (rules R1). The end is frozen with the request: it depends
 * on the clock, and a redelivered request must have the same range.
 *
 * @throws BadInputError `invalid-date`, or `end-before-start`
 */
export function resolveRange(request: RangeRequest): ResolvedRange {
  const { startDate, endDate, timeZone, horizonDays, observeSeconds = 0, now } = request;
  const asked =
    endDate === undefined
      ? DateTime.fromJSDate(now, { zone: timeZone }).startOf('day').toJSDate()
      : afterInclusive('endDate', endDate);
  const latest = latestCutMs(now, horizonDays) - observeSeconds * 1_000;
  const end = new Date(Math.min(asked.getTime(), latest));
  if (startDate === undefined) return { end };
  const start = instant('startDate', startDate);
  if (start >= end) {
    throw new BadInputError('end-before-start', {
      field: endDate === undefined ? 'startDate' : 'endDate',
      value: endDate ?? startDate,
      todo: `give an end after the start: the range would be ${start.toISOString()} to ${end.toISOString()}`,
    });
  }
  return { start, end };
}

/** The latest cut of a visit that can be labelled: goals within the horizon have arrived (rules R3). */
export function latestCut(now: Date, horizonDays: number): Date {
  return new Date(latestCutMs(now, horizonDays));
}

function latestCutMs(now: Date, horizonDays: number): number {
  return now.getTime() - horizonDays * DAY_MS;
}

/** The earliest start of a training window: as requested, or `rangeDays` before the end. */
export function startOfRange(range: ResolvedRange, policy: Pick<Policy, 'rangeDays'>): Date {
  return range.start ?? new Date(range.end.getTime() - policy.rangeDays * DAY_MS);
}

/** The first instant after the inclusive second, or after the whole day of a bare date. */
function afterInclusive(field: string, text: string): Date {
  const lastMs = text.length > 10 ? 1_000 : DAY_MS;
  return new Date(instant(field, text).getTime() + lastMs);
}

/** Whole seconds: fractions are truncated. */
function instant(field: string, text: string): Date {
  const [, day, time = '00:00:00'] = FORM.exec(text) ?? [];
  const parsed = DateTime.fromISO(`${day}T${time}`, { zone: 'utc' });
  if (day !== undefined && parsed.isValid) return parsed.toJSDate();
  const todo = 'give a valid date: YYYY-MM-DD or YYYY-MM-DD HH:MM:SS, in UTC';
  throw new BadInputError('invalid-date', { field, value: text, todo });
}
