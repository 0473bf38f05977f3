import type { CatalogueColumn } from '../catalogue';
import { identifier, joinSql, sql, type SqlText } from '../sql-text';

/** The temporary table of the drawn visits (RULES R2): it ends with the connection. */
export const DRAWN_TABLE = identifier('tmp_train_visits');

/** Rows of one INSERT: two values each, well below the 65,535 that a statement may bind. */
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
  // the type is the catalogue's own spelling of it
  const type: SqlText = { text: id.type, values: [] };
  return sql`CREATE TEMPORARY TABLE ${DRAWN_TABLE} (
  visit_id ${type}${collated} NOT NULL PRIMARY KEY,
  position INT UNSIGNED NOT NULL
) ENGINE = InnoDB`;
}

/** Writes ids from the client, in batches; the position is the index in `ids`. */
export function* insertDrawnVisits(ids: readonly string[]): Generator<{ statement: SqlText; rows: number }> {
  for (let from = 0; from < ids.length; from += ROWS_PER_INSERT) {
    const batch = ids.slice(from, from + ROWS_PER_INSERT);
    const rows = joinSql(
      batch.map((id, at) => sql`(${id}, ${from + at})`),
      ', ',
    );
    yield {
      statement: sql`INSERT INTO ${DRAWN_TABLE} (visit_id, position) VALUES ${rows}`,
      rows: batch.length,
    };
  }
}
