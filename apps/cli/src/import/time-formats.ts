import { DateTime } from 'luxon';

/** Range of years for times of any format. */
export const FIRST_YEAR = 1970;
export const LAST_YEAR = 2200;
const FIRST_MS = Date.UTC(FIRST_YEAR, 0, 1);
const END_MS = Date.UTC(LAST_YEAR + 1, 0, 1);

/** Reads a time; undefined = the text does not match this format, or its year is out of range. */
export type TimeParser = (text: string) => number | undefined;

interface TimeFormat {
  /** As given to `--time-format`, or a name for the built-in formats. */
  readonly name: string;
  /** Reads times of all years. */
  readonly parse: (text: string, zone: string) => number | undefined;
}

const luxon = (name: string): TimeFormat => ({
  name,
  parse: (text, zone) => millisOf(DateTime.fromFormat(text, name, { zone })),
});

const seconds = (name: string, digits: RegExp, factor: number): TimeFormat => ({
  name,
  parse: (text) => (digits.test(text) ? Number(text) * factor : undefined),
});

/** Formats that are tried when none is given. */
const FORMATS: readonly TimeFormat[] = [
  { name: 'ISO 8601', parse: parseIso },
  seconds('seconds since 1970', /^\d{9,10}$/, 1000),
  seconds('milliseconds since 1970', /^\d{12,13}$/, 1),
  ...['d.M.yyyy', 'd/M/yyyy', 'M/d/yyyy', 'd-M-yyyy', 'yyyy/M/d'].flatMap((date) => [
    luxon(date),
    luxon(`${date} H:mm`),
    luxon(`${date} H:mm:ss`),
  ]),
];

/** The parser of a given Luxon format. */
export function parserOf(format: string, zone: string): TimeParser {
  const { parse } = luxon(format);
  return (text) => inRange(parse(text, zone));
}

/**
 * Units that a format lacks although it has a finer one; they must not be filled in (Luxon would take them from
 * today). undefined = it is complete. A month alone means its first day.
 */
export function lackingIn(format: string): string | undefined {
  const tokens = format.replaceAll(/'[^']*'/g, '');
  // Macros for whole dates.
  if (/D|f|F/.test(tokens)) return undefined;
  const has = {
    year: /[yk]/.test(tokens),
    month: /[MLoW]/.test(tokens),
    day: /[doEc]/.test(tokens),
    time: /[HhmsSutTqa]/.test(tokens),
  };
  const lacking = [
    ...(has.year ? [] : ['year']),
    ...(has.month || !(has.day || has.time) ? [] : ['month']),
    ...(has.day || !has.time ? [] : ['day']),
  ];
  return lacking.length === 0 ? undefined : lacking.join(', ');
}

const TIME_ALONE = /^T?\d{1,2}(?::\d{2})+(?:[.,]\d+)?\s*(?:[AP]M|Z|[+-]\d{2}:?\d{2})?$/i;

/** Why a text cannot be read and what to do, if known; undefined = it is not a time. @param format absent = any */
export function whyNoTime(text: string, zone: string, format?: string): string | undefined {
  const formats = format === undefined ? FORMATS : [luxon(format)];
  const times = formats.flatMap((one) => one.parse(text, zone) ?? []);
  // A time in another format than the other rows still has a valid year.
  if (times.length > 0) return times.every((time) => inRange(time) === undefined) ? OTHER_YEAR : undefined;
  return TIME_ALONE.test(text)
    ? 'it has no date (no year, month and day): name a column that has one, or say --no-time if the times are unknown'
    : undefined;
}

const OTHER_YEAR = `its year is not from ${FIRST_YEAR} to ${LAST_YEAR}: correct it, or the format`;

/** Narrows down the format of a column of times, value by value. */
export class FormatFinder {
  private left: readonly TimeFormat[] = FORMATS;
  private unreadable: string | undefined;

  constructor(private readonly zone: string) {}

  /** @returns false when no format remains that reads this value and all previous ones */
  add(text: string): boolean {
    // Most values match all remaining formats: a new list is created only when one does not.
    const reads = (format: TimeFormat) => inRange(format.parse(text, this.zone)) !== undefined;
    if (!this.left.every(reads)) {
      const left = this.left.filter(reads);
      if (left.length === 0) this.unreadable = text;
      else this.left = left;
    }
    return this.unreadable === undefined;
  }

  /** Names of the formats that read every value; more than one = ambiguous (1/2/2024). */
  get candidates(): string[] {
    return this.unreadable === undefined ? this.left.map(({ name }) => name) : [];
  }

  get parser(): TimeParser {
    const format = this.left[0];
    return (text) => inRange(format?.parse(text, this.zone));
  }
}

const BEGINS_WITH_YEAR = /^(?:\d{4}|[+-]\d{6})/;
const ISO_LIKE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?$/;

function parseIso(text: string, zone: string): number | undefined {
  const plain = zone === 'UTC' ? ISO_LIKE.exec(text) : null;
  // A time of day alone would get today's date.
  if (!plain)
    return BEGINS_WITH_YEAR.test(text)
      ? millisOf(DateTime.fromISO(text.replace(' ', 'T'), { zone }))
      : undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = plain
    .slice(1)
    .map((part) => Number(part ?? 0));
  // `Date.UTC` treats the years 0 to 99 as 1900 to 1999.
  const back = new Date(0);
  back.setUTCFullYear(year, month - 1, day);
  const millis = back.setUTCHours(hour, minute, second);
  const isReal = back.getUTCMonth() === month - 1 && back.getUTCDate() === day && hour < 24 && minute < 60;
  return isReal && second < 60 ? millis : undefined;
}

function millisOf(time: DateTime): number | undefined {
  return time.isValid ? time.toMillis() : undefined;
}

function inRange(millis: number | undefined): number | undefined {
  return millis !== undefined && millis >= FIRST_MS && millis < END_MS ? millis : undefined;
}
