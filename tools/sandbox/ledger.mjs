import { createPool } from 'mysql2/promise';

/** The ledger from outside, as an operator with a SQL client sees it. */
export class Ledger {
  constructor(url) {
    this.pool = createPool({ uri: url, connectionLimit: 2, connectTimeout: 2_000, timezone: 'Z' });
    // Servers are killed under it: the next statement says so.
    this.pool.on('error', () => undefined);
  }

  /** @returns {Promise<Record<string, unknown>[]>} */
  async rows(text, parameters = []) {
    const [rows] = await this.pool.query(text, parameters);
    return rows;
  }

  async value(text, parameters = []) {
    const [row] = await this.rows(text, parameters);
    return Object.values(row)[0];
  }

  async close() {
    await this.pool.end();
  }
}
