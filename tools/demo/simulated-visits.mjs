import mysql from 'mysql2/promise';

/** @import { SimulatedShop } from '../sandbox/factory-command.mjs' */

/**
 * The latest visits of a simulated product as raw rows, like a shop would send for scoring.
 *
 * @param {string} adminUrl of the database server
 * @param {SimulatedShop} shop
 * @param {number} product
 * @param {number} count
 */
export async function simulatedVisits(adminUrl, shop, product, count) {
  const url = new URL(adminUrl);
  url.pathname = `/${shop.database}`;
  const connection = await mysql.createConnection(url.toString());
  try {
    const joins = shop.entry.features.map(
      ({ table, key }, at) => `LEFT JOIN \`${table}\` f${at} ON f${at}.\`${key}\` = v.visit_id`,
    );
    const columns = shop.entry.features.map((_, at) => `f${at}.*`).join(', ');
    const [rows] = await connection.query(
      `SELECT ${columns} FROM visit v ${joins.join(' ')} WHERE v.product_id = ? ORDER BY v.visit_id DESC LIMIT ?`,
      [product, count],
    );
    return rows;
  } finally {
    await connection.end();
  }
}
