import * as mysql2 from 'mysql2';

/**
 * Settings of every session, whatever the server's defaults: with NO_BACKSLASH_ESCAPES or ANSI_QUOTES in its
 * `sql_mode` escaped text would be misread, another time zone would shift every lease, and a server may ignore
 * the character set of the handshake.
 */
export const SESSION_STATEMENTS = [
  "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'",
  'SET NAMES utf8mb4',
] as const;

/** The driver in TypeORM's form, with pools whose connections begin with `SESSION_STATEMENTS`. */
export const driverWithOwnSessions = {
  ...mysql2,
  createPool: (options: mysql2.PoolOptions): mysql2.Pool => {
    const pool = mysql2.createPool(options);
    pool.on('connection', (connection) => {
      // Sent before anything else on the connection; if one fails, the connection is unusable anyway.
      for (const statement of SESSION_STATEMENTS) connection.query(statement, () => undefined);
    });
    return pool;
  },
};
