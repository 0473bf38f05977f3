import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mustRun, programOnPath } from '../workspace/command.mjs';
import { mariadbBinary } from './binaries.mjs';
import { asRoot, databaseOptions, databaseRole, rowsOnce } from './database-process.mjs';

/** MariaDB in a separate folder; MySQL if Docker runs it. @type {import('./server.mjs').Server} */
export const mariadb = {
  ...databaseRole,
  title: 'MariaDB',
  binary: mariadbBinary,

  async command({ folder, binary, ports, secrets }) {
    const data = join(folder, 'data');
    if (!existsSync(join(data, 'mysql', 'global_priv.frm'))) await createDataFolder(binary, data);
    const options = databaseOptions({ folder, data, ports, secrets });
    return { file: binary, args: ['--no-defaults', ...options, '--innodb-log-file-size=128M'] };
  },

  ready: async ({ env }) => void (await rowsOnce(env.FACTORY_DATABASE_URL ?? '', 'SELECT 1')),
};

/** @param {string} binary path of mariadbd @param {string} data the folder to create */
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
