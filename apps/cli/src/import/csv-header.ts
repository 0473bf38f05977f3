import { BadInputError } from '@factory/domain';

/** MySQL's longest name of a column. */
const MAX_NAME = 64;

/**
 * The names of the columns; one without a name (as pandas writes its index) becomes `column_<place>`.
 *
 * @throws BadInputError `no-header` when the first line holds values, `duplicate-header`, `long-header`
 */
export function completeHeader(values: readonly string[], file: string): string[] {
  const numeric = values.find((value) => /^-?\d+([.,]\d+)?$/.test(value.trim()));
  if (numeric !== undefined) {
    const todo = 'put a line with the names of the columns first';
    throw new BadInputError('no-header', { field: `${file}, first line`, value: numeric, todo });
  }
  const names = values.map((value, at) => value.trim() || `column_${at + 1}`);
  const seen = new Set<string>();
  for (const name of names) {
    if (name.length > MAX_NAME) {
      const todo = `shorten the name to ${MAX_NAME} characters`;
      throw new BadInputError('long-header', { field: `${file}, first line`, value: name, todo });
    }
    // The names become columns of a table, where case makes no difference.
    if (seen.has(name.toLowerCase())) {
      const todo = 'give every column a name of its own; case alone makes none';
      throw new BadInputError('duplicate-header', { field: `${file}, first line`, value: name, todo });
    }
    seen.add(name.toLowerCase());
  }
  return names;
}

/** Place of a column in the header. @throws BadInputError `missing-column` naming those that there are */
export function columnPlace(header: readonly string[], option: string, name: string): number {
  const place = header.indexOf(name);
  if (place >= 0) return place;
  throw new BadInputError('missing-column', {
    field: option,
    value: name,
    todo: `use one of the file's columns: ${header.join(', ')}`,
  });
}
