import * as mysql2 from 'mysql2';

/**
 * What every session of ours sets for itself, whatever the server's defaults are: with NO_BACKSLASH_ESCAPES or
 * ANSI_QUOTES in its `sql_mode` escaped text would be read as something else, another time zone would shift every
 * lease, and a server may ignore the character set of the handshake.
 */
export const SESSION_STATEMENTS = [
  "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'",
  'SET NAMES utf8mb4',
] as const;

/** The driver as TypeORM wants it, with pools whose connections begin with `SESSION_STATEMENTS`. */
export const driverWithOwnSessions = {
  ...mysql2,
  createPool: (options: mysql2.PoolOptions): mysql2.Pool => {
    const pool = mysql2.createPool(options);
    pool.on('connection', (connection) => {
      // Sent before anything else on the connection; one that fails is broken for what follows as well.
      for (const statement of SESSION_STATEMENTS) connection.query(statement, () => undefined);
    });
    return pool;
  },
};
