import type { FeatureColumn } from './file-columns';

/** Widths of text columns: few, so that a width also fits the values of later imports. */
const SHORT_TEXT = 64;
const LONG_TEXT = 255;

/**
 * Limits of one InnoDB table: 1,017 columns, 65,535 bytes of declared widths, and 8,126 bytes of a row inside its
 * page, where a text takes about 40 (the rest of it is stored elsewhere). Reduced to leave room for the key and
 * the differences between servers.
 */
const MOST_COLUMNS = 800;
const MOST_DECLARED_BYTES = 60_000;
const MOST_PAGE_BYTES = 7_000;

const NUMBER_BYTES = 8;
const TEXT_PAGE_BYTES = 42;
const BYTES_PER_CHARACTER = 4;

/** Distributes features over as few tables as possible, in their order. */
export function splitFeatures<Feature extends Pick<FeatureColumn, 'kind' | 'longest'>>(
  features: readonly Feature[],
): Feature[][] {
  const tables: Feature[][] = [];
  let [columns, declared, page] = [Infinity, 0, 0];
  for (const feature of features) {
    const isNumber = feature.kind === 'number';
    const width = isNumber ? NUMBER_BYTES : textWidth(feature.longest) * BYTES_PER_CHARACTER + 2;
    const inPage = isNumber ? NUMBER_BYTES : TEXT_PAGE_BYTES;
    const isFull =
      columns >= MOST_COLUMNS || declared + width > MOST_DECLARED_BYTES || page + inPage > MOST_PAGE_BYTES;
    if (isFull) {
      tables.push([]);
      [columns, declared, page] = [0, 0, 0];
    }
    tables.at(-1)?.push(feature);
    [columns, declared, page] = [columns + 1, declared + width, page + inPage];
  }
  return tables;
}

/**
 * No category of a file is longer than the widest VARCHAR (see `LONGEST_CATEGORY`); what products imported by earlier
 * versions hold may be.
 */
export function textType(longest: number): string {
  if (longest > LONG_TEXT) return 'TEXT';
  return `VARCHAR(${textWidth(longest)})`;
}

function textWidth(longest: number): number {
  return longest <= SHORT_TEXT ? SHORT_TEXT : LONG_TEXT;
}
