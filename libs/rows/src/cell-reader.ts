import { BadInputError } from '@factory/domain';
import { missingTest } from './missing-marks';
import { numberReader, type Decimal, type Thousands } from './number-notation';

/** How the cells of a source's files are written; `import` stores what is not the default, and `score` reads by it. */
export interface ReadingRules {
  /** Default `.`. */
  readonly decimal?: Decimal | undefined;
  /** Between groups of digits. Default: they are not grouped. */
  readonly thousands?: Thousands | undefined;
  /** Marks for unknown beside the documented ones. */
  readonly missing?: readonly string[] | undefined;
  /** Columns of numbers in which everything else counts as unknown. */
  readonly restMissing?: readonly string[] | undefined;
}

/** What a cell means, the same for `import` and for `score`. */
export interface CellReader {
  isMissing(cell: string): boolean;
  /** undefined = the cell is no number. */
  number(cell: string): number | undefined;
  /** Those of the rules' own marks for unknown that no cell was so far. */
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

/** What one command says of its file; `thousands` null = digits are not grouped. */
export interface OwnRules {
  readonly decimal?: Decimal | undefined;
  readonly thousands?: Thousands | null | undefined;
  readonly missing?: readonly string[] | undefined;
}

/**
 * The stored rules, with what a command says of its own file in their place. Separators are a pair: one that is given
 * takes its character from the stored other.
 */
export function withOwnRules(stored: ReadingRules, { decimal, thousands, missing }: OwnRules): ReadingRules {
  const own = thousands === null ? undefined : thousands;
  const pair = {
    decimal: decimal ?? (own !== undefined && stored.decimal === own ? undefined : stored.decimal),
    thousands: thousands !== undefined ? own : stored.thousands === decimal ? undefined : stored.thousands,
  };
  return { ...stored, ...pair, ...(missing === undefined ? {} : { missing }) };
}

/** What is stored, and scored, for a cell: a number, a text without blanks around it, or null for unknown. */
export function cellValue(
  reader: CellReader,
  cell: string,
  kind: 'number' | 'category',
): number | string | null {
  if (reader.isMissing(cell)) return null;
  if (kind === 'category') return cell.trim();
  return reader.number(cell) ?? cell;
}
