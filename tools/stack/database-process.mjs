import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseAccounts } from './database-accounts.mjs';

/** What MariaDB and MySQL have in common. @type {Pick<import('./server.mjs').Server, 'role' | 'ports' | 'secrets' | 'needs' | 'takes' | 'environment'>} */
export const databaseRole = {
  role: 'database',
  ports: ['sql'],
  secrets: ['root', 'factory', 'sourceAdmin'],
  needs: ['FACTORY_DATABASE_URL'],
  takes: ['SOURCE_ADMIN_URL'],

  environment: ({ ports, secrets }) => ({
    FACTORY_DATABASE_URL: `mysql://factory:${secrets.factory}@127.0.0.1:${ports.sql}/factory`,
    SOURCE_ADMIN_URL: `mysql://source_admin:${secrets.sourceAdmin}@127.0.0.1:${ports.sql}/shop`,
  }),
};

/** Relative to the data folder: a socket's full path may not be longer than 107 bytes. */
export const SOCKET = 'database.sock';

/** Both servers refuse to run as root without this option. */
export const asRoot = () => (process.getuid?.() === 0 ? ['--user=root'] : []);

/**
 * An option: where the server keeps its temporary tables. A folder of its own, because MariaDB deletes those of
 * other servers when it starts, also of one that is still creating its data folder.
 *
 * @param {string} folder the server's own
 * @returns {string}
 */
export function temporaryFolder(folder) {
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  return `--tmpdir=${temporary}`;
}

/**
 * Creates a data folder, unless it is there. One whose creation was interrupted is created anew.
 *
 * @param {string} data the folder
 * @param {(folder: string) => Promise<void>} create fills the folder that it is given
 */
export async function createOnce(data, create) {
  if (existsSync(data)) return;
  const unfinished = `${data}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  await create(unfinished);
  renameSync(unfinished, data);
}

/**
 * Writes the file of accounts that the server runs at each start. Returns options that both servers know.
 *
 * @param {{folder: string, data: string, ports: Record<string, number>, secrets: Record<string, string>}} at
 *   `folder`: the server's own, `data`: its data folder in it
 * @returns {string[]}
 */
export function databaseOptions({ folder, data, ports, secrets }) {
  const accounts = join(folder, 'accounts.sql');
  writeFileSync(accounts, `${databaseAccounts(secrets).join(';\n')};\n`, { mode: 0o600 });
  return [
    ...asRoot(),
    `--datadir=${data}`,
    temporaryFolder(folder),
    `--socket=${SOCKET}`,
    `--pid-file=${join(folder, 'database.pid')}`,
    '--bind-address=127.0.0.1',
    `--port=${ports.sql}`,
    `--init-file=${accounts}`,
    '--skip-name-resolve',
    '--default-time-zone=+00:00',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_unicode_ci',
    '--transaction-isolation=READ-COMMITTED',
    '--innodb-flush-log-at-trx-commit=1',
    '--innodb-buffer-pool-size=256M',
    '--max-allowed-packet=64M',
    '--max-connections=500',
    '--local-infile=1',
    '--skip-log-bin',
  ];
}

/**
 * One statement as one of the users.
 *
 * @param {string | import('mysql2/promise').ConnectionOptions} at connection string or parts
 * @param {string} statement
 * @returns {Promise<Record<string, unknown>[]>} rows; none if the statement returns none
 */
export async function rowsOnce(at, statement) {
  const { createConnection } = await import('mysql2/promise');
  const parts = typeof at === 'string' ? { uri: at } : at;
  const connection = await createConnection({ ...parts, connectTimeout: 2_000 });
  try {
    const [answer] = await connection.query(statement);
    return Array.isArray(answer) ? /** @type {Record<string, unknown>[]} */ (answer) : [];
  } finally {
    await connection.end();
  }
}
