import { BadInputError } from '@factory/domain';
import { missingTest } from './missing-marks';
import { numberReader, type Decimal, type Thousands } from './number-notation';

/**
 * How the cells of a source's files are written; `import` stores what differs from the default, and `score`
 * uses it.
 */
export interface ReadingRules {
  /** Default `.`. */
  readonly decimal?: Decimal | undefined;
  /** Separator between groups of digits. Default: digits are not grouped. */
  readonly thousands?: Thousands | undefined;
  /** Marks for unknown in addition to the documented ones. */
  readonly missing?: readonly string[] | undefined;
  /** Columns of numbers in which everything else counts as unknown. */
  readonly restMissing?: readonly string[] | undefined;
}

/** The meaning of a cell, the same for `import` and `score`. */
export interface CellReader {
  isMissing(cell: string): boolean;
  /** undefined = the cell is not a number. */
  number(cell: string): number | undefined;
  /** Configured marks for unknown that matched no cell so far. */
  unmatchedMarks(): readonly string[];
}

export function cellReader(rules: ReadingRules = {}): CellReader {
  const { decimal = '.', thousands, missing = [] } = rules;
  if (thousands === decimal) {
    const todo = 'give --decimal and --thousands two characters';
    throw new BadInputError('same-separators', { field: 'thousands', value: thousands, todo });
  }
  const number = numberReader({ decimal, thousands });
  const { isMissing, unmatched } = missingTest(missing, number);
  return { isMissing, number, unmatchedMarks: unmatched };
}

/** The options of one command for its file; `thousands` null = digits are not grouped. */
export interface OwnRules {
  readonly decimal?: Decimal | undefined;
  readonly thousands?: Thousands | null | undefined;
  readonly missing?: readonly string[] | undefined;
}

/**
 * The stored rules, overridden by the options of a command for its file. Separators are a pair: one that is
 * given displaces a stored other one with the same character.
 */
export function withOwnRules(stored: ReadingRules, { decimal, thousands, missing }: OwnRules): ReadingRules {
  const own = thousands === null ? undefined : thousands;
  const pair = {
    decimal: decimal ?? (own !== undefined && stored.decimal === own ? undefined : stored.decimal),
    thousands: thousands !== undefined ? own : stored.thousands === decimal ? undefined : stored.thousands,
  };
  return { ...stored, ...pair, ...(missing === undefined ? {} : { missing }) };
}

/**
 * The value of a cell that is stored, and scored: a number, a text without surrounding blanks, or null for
 * unknown.
 */
export function cellValue(
  reader: CellReader,
  cell: string,
  kind: 'number' | 'category',
): number | string | null {
  if (reader.isMissing(cell)) return null;
  if (kind === 'category') return cell.trim();
  return reader.number(cell) ?? cell;
}
