import type { LeftOutProduct } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { placeholders, sqlOf, type Sql } from '../database/transaction';

/** Stores the items that a request left out, in the caller's transaction. */
export async function recordLeftOutProducts(
  sql: Sql,
  requestKey: string,
  leftOut: readonly LeftOutProduct[],
): Promise<void> {
  if (leftOut.length === 0) return;
  await sql.change(
    `INSERT INTO factory_request_left_out (request_key, position, item, reason)
     VALUES ${placeholders(leftOut.length, 4)}`,
    leftOut.flatMap(({ item, reason }, position) => [
      requestKey,
      position,
      item.slice(0, 191),
      reason.slice(0, 500),
    ]),
  );
}

/** The items that a request left out; empty if there are none, or if the request is unknown. */
export async function leftOutProductsOf(
  dataSource: DataSource,
  requestKey: string,
): Promise<LeftOutProduct[]> {
  const rows = await sqlOf(dataSource).rows(
    'SELECT item, reason FROM factory_request_left_out WHERE request_key = ? ORDER BY position',
    [requestKey],
  );
  return rows.map((row) => ({ item: String(row['item']), reason: String(row['reason']) }));
}
