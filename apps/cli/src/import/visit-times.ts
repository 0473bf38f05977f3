import { BadInputError, hashFraction } from '@factory/domain';
import { type CsvRow, columnPlace } from '@factory/rows';
import { IANAZone } from 'luxon';
import type { MonthRule, TimeColumnRule, TimeRule } from './import-options';
import { monthOf } from './month-names';
import { NO_TIME_INSTANT } from './no-time';
import {
  FIRST_YEAR,
  FormatFinder,
  LAST_YEAR,
  lackingIn,
  parserOf,
  whyNoTime,
  type TimeParser,
} from './time-formats';

const DAY_MS = 86_400_000;

/** Gives the time of each row. Rows must come in the order of the file. */
export interface VisitTimes {
  /**
   * @param id assigns a day to rows that only have a month
   * @returns milliseconds since the epoch, whole seconds
   * @throws BadInputError `bad-time` with the row's number
   */
  of(row: CsvRow, id: string): number;
}

/**
 * Sees every row in a first pass (to detect the format and refuse what cannot be read), then reads them in a
 * second.
 */
export interface TimeProfile {
  /** @throws BadInputError `bad-time` */
  look(row: CsvRow): void;
  /** @throws BadInputError `ambiguous-time` when more than one format reads every value */
  reader(): VisitTimes;
}

/** @throws BadInputError `missing-column`, `unknown-zone` */
export function timeProfile(rule: TimeRule, header: readonly string[], salt: string): TimeProfile {
  if ('none' in rule) return atOneInstant();
  return 'column' in rule ? byColumn(rule, header) : byMonth(rule, header, salt);
}

/** Columns of the file with the time. */
export function timeColumns(rule: TimeRule): string[] {
  if ('none' in rule) return [];
  if ('column' in rule) return [rule.column];
  return [rule.yearColumn, rule.monthColumn, rule.dayColumn].filter((name) => name !== undefined);
}

function atOneInstant(): TimeProfile {
  const instantMs = Date.parse(NO_TIME_INSTANT);
  return { look: () => undefined, reader: () => ({ of: () => instantMs }) };
}

function byColumn(rule: TimeColumnRule, header: readonly string[]): TimeProfile {
  const place = columnPlace(header, 'time-column', rule.column);
  const zone = rule.zone ?? 'UTC';
  if (!IANAZone.isValidZone(zone)) {
    const todo = 'use a zone of the IANA list, such as Europe/Berlin';
    throw new BadInputError('unknown-zone', { field: 'time-zone', value: zone, todo });
  }
  const lacking = rule.format === undefined ? undefined : lackingIn(rule.format);
  if (lacking !== undefined) {
    const lacks = `the format has no ${lacking}: give one with year, month and day, or --no-time if the times are unknown`;
    throw new BadInputError('bad-time', { field: 'time-format', value: rule.format, todo: lacks });
  }
  const given = rule.format === undefined ? undefined : parserOf(rule.format, zone);
  const finder = new FormatFinder(zone);
  const todo = given
    ? `write it as ${rule.format}, or correct --time-format`
    : 'correct it, or give --time-format if all values have this format';
  const read = (row: CsvRow, parse: TimeParser): number => {
    const value = row.values[place]?.trim() ?? '';
    const millis = parse(value);
    if (millis === undefined)
      throw badTime(rule.column, row.number, value, whyNoTime(value, zone, rule.format) ?? todo);
    return Math.floor(millis / 1000) * 1000;
  };
  return {
    look: (row) => {
      if (given) read(row, given);
      else if (!finder.add(row.values[place]?.trim() ?? '')) read(row, () => undefined);
    },
    reader: () => {
      const { candidates } = finder;
      if (!given && candidates.length > 1) {
        throw new BadInputError('ambiguous-time', {
          field: 'time-column',
          value: rule.column,
          todo: `say which it is with --time-format: ${candidates.map((one) => `'${one}'`).join(' or ')}`,
        });
      }
      const parse = given ?? finder.parser;
      return { of: (row) => read(row, parse) };
    },
  };
}

function byMonth(rule: MonthRule, header: readonly string[], salt: string): TimeProfile {
  const monthPlace = columnPlace(header, 'month-column', rule.monthColumn);
  const { yearColumn } = rule;
  const yearPlace = yearColumn === undefined ? -1 : columnPlace(header, 'year-column', yearColumn);
  const dayPlace = rule.dayColumn === undefined ? -1 : columnPlace(header, 'day-column', rule.dayColumn);
  const reader = (): VisitTimes => {
    let year = rule.startYear ?? 0;
    let before = 0;
    return {
      of: (row, id) => {
        const text = row.values[monthPlace] ?? '';
        const month = monthOf(text);
        if (month === undefined) {
          throw badTime(rule.monthColumn, row.number, text, 'write a month such as Jun, June or 6');
        }
        if (yearColumn !== undefined) year = givenYear(yearColumn, yearPlace, row);
        else if (rule.rowOrder && month < before) year++;
        before = month;
        if (year > LAST_YEAR) {
          const why = `its year would be ${year}, after ${LAST_YEAR}: leave out --row-order if the rows are not in chronological order`;
          throw badTime(rule.monthColumn, row.number, text, why);
        }
        const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
        const day = dayPlace < 0 ? spreadDay(days) : givenDay(row, days);
        return Date.UTC(year, month - 1, 1) + (day - 1) * DAY_MS;

        function spreadDay(of: number): number {
          return 1 + Math.floor(hashFraction(salt, id) * of);
        }
      },
    };
  };
  const givenDay = (row: CsvRow, days: number): number => {
    const text = row.values[dayPlace]?.trim() ?? '';
    const day = /^\d{1,2}$/.test(text) ? Number(text) : 0;
    if (day >= 1 && day <= days) return day;
    throw badTime(
      rule.dayColumn ?? '',
      row.number,
      text,
      `write a day from 1 to ${days}, the days of its month`,
    );
  };
  const looking = reader();
  return { look: (row) => void looking.of(row, ''), reader };
}

function givenYear(column: string, place: number, row: CsvRow): number {
  const text = row.values[place]?.trim() ?? '';
  const year = /^\d{4}(\.0+)?$/.test(text) ? Number(text) : 0;
  if (year >= FIRST_YEAR && year <= LAST_YEAR) return year;
  throw badTime(column, row.number, text, `write a year from ${FIRST_YEAR} to ${LAST_YEAR}`);
}

function badTime(column: string, row: number, value: string, todo: string): BadInputError {
  return new BadInputError('bad-time', { field: `${column}, row ${row}`, value, todo });
}
