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
}

export function cellReader(rules: ReadingRules = {}): CellReader {
  const { decimal = '.', thousands, missing } = rules;
  if (thousands === decimal) {
    const todo = 'give --decimal and --thousands two characters';
    throw new BadInputError('same-separators', { field: 'thousands', value: thousands, todo });
  }
  return { isMissing: missingTest(missing), number: numberReader({ decimal, thousands }) };
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
