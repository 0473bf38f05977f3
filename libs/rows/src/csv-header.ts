import { BadInputError, foldedName } from '@factory/domain';

/** A name that looks like a number; with a leading zero (`007`) it counts as a word. */
const VALUE = /^[+-]?(?:[1-9]\d*|0)(?:[.,]\d+)?$/;

export interface HeaderSettings {
  readonly file: string;
  /** The first line contains names, even if they look like values. */
  readonly isHeader?: boolean | undefined;
}

/**
 * The names of the columns; a column without a name (such as the index that pandas writes) becomes
 * `column_<position>`.
 *
 * @throws BadInputError `no-header` when the first line contains values, `duplicate-header`
 */
export function completeHeader(values: readonly string[], { file, isHeader }: HeaderSettings): string[] {
  const field = `${file}, first line`;
  const numeric = values.find((value) => VALUE.test(value.trim()));
  if (numeric !== undefined && isHeader !== true) {
    const todo = 'put a line with the names of the columns first, or give --header if it is one';
    throw new BadInputError('no-header', { field, value: numeric, todo });
  }
  const names = values.map((value, at) => value.trim() || `column_${at + 1}`);
  const taken = new Map<string, number>();
  names.forEach((name, at) => {
    const before = taken.get(foldedName(name));
    if (before !== undefined) {
      const todo = `give every column a unique name: columns ${before + 1} and ${at + 1} have this one (case and accents are ignored)`;
      throw new BadInputError('duplicate-header', { field, value: name, todo });
    }
    taken.set(foldedName(name), at);
  });
  return names;
}

/** Position of a column in the header; an exact match comes first, then one ignoring case. */
export function placeOf(header: readonly string[], name: string): number | undefined {
  const exact = header.indexOf(name);
  const place = exact >= 0 ? exact : header.findIndex((one) => foldedName(one) === foldedName(name));
  return place < 0 ? undefined : place;
}

/**
 * Position of a column in the header. @throws BadInputError `missing-column` listing the columns of the file
 */
export function columnPlace(header: readonly string[], option: string, name: string): number {
  const place = placeOf(header, name);
  if (place !== undefined) return place;
  throw new BadInputError('missing-column', {
    field: option,
    value: name,
    todo: `use one of the file's columns: ${shownNames(header)}`,
  });
}

/** As many names as help people. */
const SHOWN_NAMES = 50;
const SHOWN_CHARACTERS = 64;

function shownNames(header: readonly string[]): string {
  const names = header
    .slice(0, SHOWN_NAMES)
    .map((name) => (name.length > SHOWN_CHARACTERS ? `${name.slice(0, SHOWN_CHARACTERS)}...` : name));
  const more = header.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
