import { DateTime } from 'luxon';

/** Reads a time; undefined = the text is none in this format. */
export type TimeParser = (text: string) => number | undefined;

interface TimeFormat {
  /** As given to `--time-format`, or a word for the ones that need none. */
  readonly name: string;
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
  return (text) => parse(text, zone);
}

/** Narrows down which format a column of times has, value by value. */
export class FormatFinder {
  private left: readonly TimeFormat[] = FORMATS;
  private unreadable: string | undefined;

  constructor(private readonly zone: string) {}

  /** @returns false when no format is left that reads this value and all before it */
  add(text: string): boolean {
    // Most values fit all that is left: a new list is only made when one does not.
    if (!this.left.every((format) => format.parse(text, this.zone) !== undefined)) {
      const left = this.left.filter((format) => format.parse(text, this.zone) !== undefined);
      if (left.length === 0) this.unreadable = text;
      else this.left = left;
    }
    return this.unreadable === undefined;
  }

  /** Names of the formats that read every value; more than one = nobody can tell (1/2/2024). */
  get candidates(): string[] {
    return this.unreadable === undefined ? this.left.map(({ name }) => name) : [];
  }

  get parser(): TimeParser {
    const format = this.left[0];
    return (text) => format?.parse(text, this.zone);
  }
}

const ISO_LIKE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?$/;

function parseIso(text: string, zone: string): number | undefined {
  const plain = zone === 'UTC' ? ISO_LIKE.exec(text) : null;
  if (!plain) return millisOf(DateTime.fromISO(text.replace(' ', 'T'), { zone }));
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = plain
    .slice(1)
    .map((part) => Number(part ?? 0));
  const millis = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(millis);
  const isReal = back.getUTCMonth() === month - 1 && back.getUTCDate() === day && hour < 24 && minute < 60;
  return isReal && second < 60 ? millis : undefined;
}

function millisOf(time: DateTime): number | undefined {
  return time.isValid ? time.toMillis() : undefined;
}
