import { createPool } from 'mysql2/promise';

/** The ledger from outside, as an operator with a SQL client sees it. */
export class Ledger {
  /** @param {string} url */
  constructor(url) {
    this.pool = createPool({ uri: url, connectionLimit: 2, connectTimeout: 2_000, timezone: 'Z' });
  }

  /**
   * @template {object} [Row=Record<string, unknown>] what the statement selects, as the caller knows it
   * @param {string} text
   * @param {readonly unknown[]} parameters
   * @returns {Promise<Row[]>}
   */
  async rows(text, parameters = []) {
    const [rows] = await this.pool.query(text, [...parameters]);
    return /** @type {Row[]} */ (/** @type {unknown} */ (rows));
  }

  /**
   * @param {string} text selects one value in one row
   * @param {readonly unknown[]} parameters
   * @returns {Promise<unknown>}
   * @throws Error when there is no row
   */
  async value(text, parameters = []) {
    const [row] = await this.rows(text, parameters);
    if (!row) throw new Error(`the ledger has no row for: ${text}`);
    return Object.values(row)[0];
  }

  /**
   * @param {string} text selects one number in one row; NULL counts as 0
   * @param {readonly unknown[]} parameters
   * @returns {Promise<number>}
   */
  async count(text, parameters = []) {
    return Number(await this.value(text, parameters));
  }

  async close() {
    await this.pool.end();
  }
}
