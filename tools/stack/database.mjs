import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mustRun, programOnPath } from '../workspace/command.mjs';
import { mariadbBinary } from './binaries.mjs';

const asRoot = () => (process.getuid?.() === 0 ? ['--user=root'] : []);

/**
 * Our databases and users. Safe to run again. Run by MariaDB itself at each start, and as root over TCP where
 * the server is a container. `factory` owns databases named `factory...` and no shop's rows; `source_admin` makes
 * and loads shops (`shop...`) and gives others the grants that a source needs. `root` is for tests of outages: it
 * makes the server read-only and changes accounts.
 */
export function databaseSetup({ root, factory, sourceAdmin }) {
  const user = (name, password, host = '%') => [
    `CREATE USER IF NOT EXISTS '${name}'@'${host}' IDENTIFIED BY '${password}'`,
    `ALTER USER '${name}'@'${host}' IDENTIFIED BY '${password}'`,
  ];
  return [
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${root}'`,
    ...user('root', root, '127.0.0.1'),
    "GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION",
    ...user('factory', factory),
    "GRANT ALL PRIVILEGES ON `factory%`.* TO 'factory'@'%'",
    ...user('source_admin', sourceAdmin),
    "GRANT ALL PRIVILEGES ON `shop%`.* TO 'source_admin'@'%' WITH GRANT OPTION",
    "GRANT CREATE USER ON *.* TO 'source_admin'@'%'",
    'CREATE DATABASE IF NOT EXISTS factory',
    'CREATE DATABASE IF NOT EXISTS shop',
  ];
}

/** MariaDB in a folder of its own; MySQL where Docker runs it. @type {import('./stack.mjs').Server} */
export const database = {
  role: 'database',
  title: 'MariaDB',
  ports: ['sql'],
  secrets: ['root', 'factory', 'sourceAdmin'],
  needs: ['FACTORY_DATABASE_URL'],
  binary: mariadbBinary,

  environment: ({ ports, secrets }) => ({
    FACTORY_DATABASE_URL: `mysql://factory:${secrets.factory}@127.0.0.1:${ports.sql}/factory`,
    SOURCE_ADMIN_URL: `mysql://source_admin:${secrets.sourceAdmin}@127.0.0.1:${ports.sql}/shop`,
  }),

  async command({ folder, binary, ports, secrets }) {
    const data = join(folder, 'data');
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary, { recursive: true });
    if (!existsSync(join(data, 'mysql', 'global_priv.frm'))) await createDataFolder(binary, data);
    const setup = join(folder, 'setup.sql');
    writeFileSync(setup, `${databaseSetup(secrets).join(';\n')};\n`, { mode: 0o600 });
    return {
      file: binary,
      args: [
        '--no-defaults',
        ...asRoot(),
        `--datadir=${data}`,
        `--tmpdir=${temporary}`,
        // Relative to the data folder: a socket's full path may not be longer than 107 bytes.
        '--socket=mariadb.sock',
        `--pid-file=${join(folder, 'mariadb.pid')}`,
        '--bind-address=127.0.0.1',
        `--port=${ports.sql}`,
        `--init-file=${setup}`,
        '--skip-name-resolve',
        '--default-time-zone=+00:00',
        '--character-set-server=utf8mb4',
        '--collation-server=utf8mb4_unicode_ci',
        '--transaction-isolation=READ-COMMITTED',
        '--innodb-flush-log-at-trx-commit=1',
        '--innodb-buffer-pool-size=256M',
        '--innodb-log-file-size=128M',
        '--max-allowed-packet=64M',
        '--max-connections=500',
        '--local-infile=1',
        '--skip-log-bin',
      ],
    };
  },

  async ready({ env }) {
    const { createConnection } = await import('mysql2/promise');
    const connection = await createConnection({ uri: env.FACTORY_DATABASE_URL, connectTimeout: 2_000 });
    await connection.query('SELECT 1');
    await connection.end();
  },
};

async function createDataFolder(binary, data) {
  const installer = programOnPath('mariadb-install-db') ?? join(dirname(binary), 'mariadb-install-db');
  await mustRun(
    installer,
    [
      '--no-defaults',
      ...asRoot(),
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
    ],
    { quiet: true, todo: 'Give the factory a database with FACTORY_DATABASE_URL, or start Docker.' },
  );
}
