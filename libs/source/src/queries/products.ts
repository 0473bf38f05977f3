import { identifier, sql, type SqlText } from '@factory/mysql';
import { z } from 'zod';
import type { SourceDefinition } from '../declaration/sources-schema';
import type { Query } from './query';
import { canonical } from './select-ids-by-hash';

/** Id as text, number of rows, number of active rows. */
export type ProductRow = [string | null, number, number];

/**
 * The products that a request for product 0 covers (rules R11): those with an active row, by id. Ids are read
 * as text: an invalid product id is reported, and does not block the others.
 *
 * @param most rows that are read
 */
export function listActiveProducts(source: SourceDefinition, most: number): Query<ProductRow> {
  const { table, id } = source.products;
  return {
    name: 'list-active-products',
    sql: sql`SELECT ${canonical(identifier(id))} AS product_id, COUNT(*) AS product_rows, ${activeRows(source)} AS active_rows
FROM ${identifier(table)} GROUP BY ${identifier(id)} HAVING active_rows > 0 ORDER BY ${identifier(id)} LIMIT ${most}`,
    row: z.tuple([z.string().nullable(), z.number().int(), z.number().int()]),
  };
}

/** Number of rows of one product, and number of active ones. */
export function countProductRows(source: SourceDefinition, product: number): Query<[number, number]> {
  const { table, id } = source.products;
  return {
    name: 'count-product-rows',
    sql: sql`SELECT COUNT(*), ${activeRows(source)} FROM ${identifier(table)} WHERE ${identifier(id)} = ${product}`,
    row: z.tuple([z.number().int(), z.number().int()]),
  };
}

function activeRows({ products: { active } }: SourceDefinition): SqlText {
  return active === undefined ? sql`COUNT(*)` : sql`COUNT(CASE WHEN ${identifier(active)} <> 0 THEN 1 END)`;
}
