import { createPool } from 'mysql2/promise';

/** Access to the ledger like an operator with a SQL client. */
export class Ledger {
  /** @param {string} url */
  constructor(url) {
    this.pool = createPool({ uri: url, connectionLimit: 2, connectTimeout: 2_000, timezone: 'Z' });
  }

  /**
   * @template {object} [Row=Record<string, unknown>] type of the selected rows, known to the caller
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
   * @throws Error if there is no row
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
