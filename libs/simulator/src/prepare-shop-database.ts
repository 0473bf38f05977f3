import type { Connection, RowDataPacket } from 'mysql2/promise';
import { BadInputError } from '@factory/domain';
import type { ShopPlan } from './planned-shop';
import { TRUE_PROPENSITY_TABLE, createShopTables } from './shop-schema';

/**
 * Creates the database and the shop's empty tables.
 *
 * @param replace drop the tables of a previously simulated shop
 * @throws BadInputError `shop-exists`
 */
export async function prepareShopDatabase(
  connection: Connection,
  database: string,
  plan: Pick<ShopPlan, 'tables' | 'eventTables'>,
  replace: boolean,
): Promise<void> {
  await connection.query('CREATE DATABASE IF NOT EXISTS ?? CHARACTER SET utf8mb4', [database]);
  await connection.query('USE ??', [database]);
  const [rows] = await connection.query<RowDataPacket[]>('SHOW TABLES');
  const existing = rows.map((row) => String(Object.values(row)[0]));
  if (existing.length > 0) {
    if (!replace || !existing.includes(TRUE_PROPENSITY_TABLE)) {
      throw new BadInputError('shop-exists', {
        field: 'database',
        value: database,
        todo: replace
          ? 'choose another name: its tables are not those of a simulated shop'
          : 'choose another name, or request that the simulated shop in it be replaced',
      });
    }
    for (const table of existing) await connection.query('DROP TABLE ??', [table]);
  }
  for (const statement of createShopTables(plan)) await connection.query(statement);
}
