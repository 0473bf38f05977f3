import { identifier, sql, type SqlText } from '@factory/mysql';
import type { CatalogueColumn } from '../catalogue/catalogue';

/** The temporary table of the drawn visits (rules R2): it is dropped with the connection. */
export const DRAWN_TABLE = identifier('tmp_train_visits');

/** Rows per INSERT: one value each, well below the 65,535 that a statement may bind. */
const ROWS_PER_INSERT = 2_000;

/**
 * The table has the id's own type and collation, so that joins use the shop's indexes. `position` is the row's
 * number in the dataset.
 */
export function createDrawnTable(id: CatalogueColumn): SqlText {
  const collated =
    id.charset === null || id.collation === null
      ? sql``
      : sql` CHARACTER SET ${identifier(id.charset)} COLLATE ${identifier(id.collation)}`;
  // the type as spelled by the catalogue
  const type: SqlText = { text: id.type, values: [] };
  return sql`CREATE TEMPORARY TABLE ${DRAWN_TABLE} (
  visit_id ${type}${collated} NOT NULL PRIMARY KEY,
  position INT UNSIGNED NOT NULL
) ENGINE = InnoDB`;
}

/** Ids in the order of the dataset. */
export interface VisitIds {
  readonly length: number;
  slice(from: number, to: number): readonly string[];
}

/** A statement that writes rows, and one to be run before it. */
export interface InsertBatch {
  readonly before: SqlText;
  readonly statement: SqlText;
  readonly rows: number;
}

/**
 * Writes ids from the client in batches; the position is the index in `ids`. Only the id of a row is bound:
 * with a number as well the driver takes five times as long. All statements but the last have the same text,
 * which the server has prepared already.
 */
export function* insertDrawnVisits(ids: VisitIds): Generator<InsertBatch> {
  for (let from = 0; from < ids.length; from += ROWS_PER_INSERT) {
    const values = ids.slice(from, from + ROWS_PER_INSERT);
    const { length: rows } = values;
    yield { before: sql`SET @factory_first = ${from}`, statement: { text: insertOf(rows), values }, rows };
  }
}

function insertOf(rows: number): string {
  const values = Array.from({ length: rows }, (_, at) => `(?, @factory_first + ${at})`).join(', ');
  return `INSERT INTO ${DRAWN_TABLE.text} (visit_id, position) VALUES ${values}`;
}
