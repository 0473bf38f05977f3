import { BadInputError } from '@factory/domain';

/** How much is read of a source: whoever fills its tables must not stop what other sources share. */
export interface SourceLimits {
  /** Active products that one request may be for. */
  readonly products: number;
  /** Feature columns of a dataset. */
  readonly columns: number;
  /** Rows that one feature table may have for the drawn visits, events included. */
  readonly rows: number;
  /** Characters of a value of text, of an id too; a longer one cannot be read. */
  readonly valueCharacters: number;
  /** Different values of one column of text. */
  readonly levels: number;
}

export const SOURCE_LIMITS: SourceLimits = {
  products: 10_000,
  columns: 5_000,
  rows: 200_000_000,
  valueCharacters: 1_000,
  levels: 1_000_000,
};

/** Characters of all different values of one column together. */
const LEVEL_CHARACTERS = 256 * 1_048_576;

/** @throws BadInputError `too-many-products`: nothing is taken of the request */
export function checkProducts(source: string, listed: number, { products }: SourceLimits): void {
  if (listed <= products) return;
  throw new BadInputError('too-many-products', {
    field: 'productId',
    value: 0,
    todo: `request products one by one, or deactivate some: source ${source} lists more than ${products} active ones (SOURCE_MAX_PRODUCTS)`,
  });
}

/** @throws BadInputError `too-many-features` */
export function checkFeatureColumns(source: string, columns: number, { columns: most }: SourceLimits): void {
  if (columns <= most) return;
  throw new BadInputError('too-many-features', {
    field: `sources.${source}.features`,
    value: columns,
    todo: `exclude columns, or name those to be read with columns: at most ${most} are read (SOURCE_MAX_COLUMNS)`,
  });
}

/** @throws BadInputError `too-many-feature-rows` */
export function checkRows(table: string, rows: number, { rows: most }: SourceLimits): void {
  if (rows <= most) return;
  throw new BadInputError('too-many-feature-rows', {
    field: table,
    value: rows,
    todo: `shorten its lookback, aggregate it, or draw fewer visits (maxPositives): at most ${most} rows of it are read for a dataset (SOURCE_MAX_ROWS)`,
  });
}

/** @throws BadInputError `too-many-levels` */
export function checkLevels(column: string, levels: number, characters: number, limits: SourceLimits): void {
  if (levels <= limits.levels && characters <= LEVEL_CHARACTERS) return;
  throw new BadInputError('too-many-levels', {
    field: column,
    value: levels,
    todo: `exclude the column: no model can use so many different texts, and at most ${limits.levels} are read (SOURCE_MAX_LEVELS)`,
  });
}
