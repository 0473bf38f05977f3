import { BadInputError } from '@factory/domain';
import type { TimeRule } from './import-options';

/** The command line options for the time of each row. */
export interface TimeOptions {
  /** False: `--no-time`. */
  readonly time?: boolean;
  readonly timeColumn?: string;
  readonly timeFormat?: string;
  readonly timeZone?: string;
  readonly yearColumn?: string;
  readonly monthColumn?: string;
  readonly dayColumn?: string;
  readonly startYear?: number;
  readonly rowOrder?: boolean;
}

/**
 * A time column, or months (with a year column, or from a start year on), or no time at all.
 *
 * @throws BadInputError `missing-time`, `missing-month`, `missing-year`, `two-times`, `two-years`
 */
export function timeRuleOf(options: TimeOptions): TimeRule {
  const { time = true, timeColumn, timeFormat, timeZone, yearColumn, monthColumn, dayColumn } = options;
  const { startYear, rowOrder = false } = options;
  if (!time) {
    const other = timeColumn ?? yearColumn ?? monthColumn ?? dayColumn;
    if (other !== undefined)
      refuse('two-times', 'no-time', other, 'give either --no-time or the columns with the time');
    return { none: true };
  }
  if (timeColumn !== undefined) {
    const other = yearColumn ?? monthColumn;
    if (other !== undefined)
      refuse(
        'two-times',
        'time-column',
        other,
        'give either --time-column or --month-column (with --year-column)',
      );
    return {
      column: timeColumn,
      ...(timeFormat === undefined ? {} : { format: timeFormat }),
      ...(timeZone === undefined ? {} : { zone: timeZone }),
    };
  }
  if (monthColumn === undefined && yearColumn !== undefined)
    return refuse(
      'missing-month',
      'month-column',
      null,
      'name the column of the month as well as --year-column',
    );
  if (monthColumn === undefined) {
    const todo =
      'name it, or give --month-column with --year-column or --start-year, or --no-time if the times are unknown';
    return refuse('missing-time', 'time-column', null, todo);
  }
  const day = dayColumn === undefined ? {} : { dayColumn };
  if (yearColumn !== undefined) {
    if (startYear !== undefined || rowOrder)
      refuse(
        'two-years',
        'year-column',
        yearColumn,
        'leave out --start-year and --row-order: the column has the year',
      );
    return { monthColumn, yearColumn, ...day };
  }
  if (startYear === undefined)
    return refuse('missing-year', 'start-year', null, 'give the year of the first row, or --year-column');
  return { monthColumn, startYear, rowOrder, ...day };
}

function refuse(code: string, field: string, value: unknown, todo: string): never {
  throw new BadInputError(code, { field, value, todo });
}
