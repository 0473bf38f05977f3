import { z } from 'zod';
import type { Query } from '../query';
import { identifier, sql } from '../sql-text';
import type { SourceDefinition } from '../sources-schema';

const whole = z.number().int();

/** Ids of the products that a request for product 0 means (RULES R11), ascending. */
export function listActiveProducts(source: SourceDefinition): Query<[number]> {
  const { table, id, active } = source.products;
  const only = active === undefined ? sql`TRUE` : sql`${identifier(active)} <> 0`;
  return {
    name: 'list-active-products',
    sql: sql`SELECT ${identifier(id)} FROM ${identifier(table)} WHERE ${only} ORDER BY ${identifier(id)}`,
    row: z.tuple([whole]),
  };
}

/** One product: id, 1 = active. No row: unknown. */
export function findProduct(source: SourceDefinition, product: number): Query<[number, number]> {
  const { table, id, active } = source.products;
  const isActive =
    active === undefined ? sql`1` : sql`CASE WHEN ${identifier(active)} <> 0 THEN 1 ELSE 0 END`;
  return {
    name: 'find-product',
    sql: sql`SELECT ${identifier(id)}, ${isActive} FROM ${identifier(table)} WHERE ${identifier(id)} = ${product}`,
    row: z.tuple([whole, whole]),
  };
}
