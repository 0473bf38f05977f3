import { bitsOf, wordsOf } from '../values/filter-values';
import type { CatalogueColumn } from './catalogue';

/** Text that is a number, in the syntax of the server's regular expressions. */
export const NUMBER_PATTERN = '^ *[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)? *$';
const NUMBER = new RegExp(NUMBER_PATTERN);

/** The number in a text; null if it is blank, that is unknown; undefined if it is something else. */
export function numberOfText(text: string): number | null | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  return NUMBER.test(text) ? Number(trimmed) : undefined;
}

/** Bytes without a character set. */
const BINARY = new Set(['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob']);
const FLOATS = new Set(['float', 'double']);

export function isBinary({ dataType }: CatalogueColumn): boolean {
  return BINARY.has(dataType);
}

/** A BIT(1) is 0 or 1; of several bits each has its own meaning, so their number is not a quantity. */
export function isMask(column: CatalogueColumn): boolean {
  return column.dataType === 'bit' && bitsOf(column) > 1;
}

/** Why a column cannot be the id of visits; undefined = it can. */
export function refusalAsId(column: CatalogueColumn): string | undefined {
  if (column.kind === 'integer' || column.dataType === 'char' || column.dataType === 'varchar')
    return undefined;
  return `use a column of whole numbers or characters: ${column.type} has no canonical text`;
}

/** Why a column cannot be the visitor, because different visitors would become one; undefined = it can. */
export function refusalAsVisitor(column: CatalogueColumn): string | undefined {
  if (!FLOATS.has(column.dataType) && column.dataType !== 'bit') return undefined;
  return `use a column of whole numbers or characters: ${column.type} cannot be read exactly`;
}

/** Why a column cannot be read as a number (`numbers:`); undefined = it can. */
export function refusalAsNumber(column: CatalogueColumn): string | undefined {
  if (isMask(column))
    return `leave it out: a mask of ${column.type} is not a quantity; it is read as a category`;
  switch (column.kind) {
    case 'integer':
    case 'number':
    case 'text':
      return undefined;
    case 'category':
      if (column.dataType === 'set')
        return `leave it out: ${column.type} holds several words; it is read as a category`;
      if (column.dataType !== 'enum' || wordsOf(column).some((word) => NUMBER.test(word))) return undefined;
      return `leave it out: no word of ${column.type} is a number; it is read as a category`;
    default:
      return `leave it out: ${column.type} holds no numbers`;
  }
}

/** Why a column cannot be read as a category (`categories:`); undefined = it can. */
export function refusalAsCategory(column: CatalogueColumn): string | undefined {
  return isBinary(column) ? `leave it out: ${column.type} holds bytes, not text` : undefined;
}
