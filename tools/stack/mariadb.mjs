import { dirname, join } from 'node:path';
import { mustRun, programOnPath } from '../workspace/command.mjs';
import { mariadbBinary } from './binaries.mjs';
import {
  asRoot,
  createOnce,
  databaseOptions,
  databaseRole,
  rowsOnce,
  temporaryFolder,
} from './database-process.mjs';

/** MariaDB in a separate folder; MySQL if Docker runs it. @type {import('./server.mjs').Server} */
export const mariadb = {
  ...databaseRole,
  title: 'MariaDB',
  binary: mariadbBinary,

  async command({ folder, binary, ports, secrets }) {
    const data = join(folder, 'data');
    await createOnce(data, (created) => createDataFolder(binary, { folder, data: created }));
    const options = databaseOptions({ folder, data, ports, secrets });
    return { file: binary, args: ['--no-defaults', ...options, '--innodb-log-file-size=128M'] };
  },

  ready: async ({ env }) => void (await rowsOnce(env.FACTORY_DATABASE_URL ?? '', 'SELECT 1')),
};

/**
 * @param {string} binary path of mariadbd
 * @param {{folder: string, data: string}} at `folder`: the server's own, `data`: the folder to create in it
 */
async function createDataFolder(binary, { folder, data }) {
  const installer = programOnPath('mariadb-install-db') ?? join(dirname(binary), 'mariadb-install-db');
  await mustRun(
    installer,
    [
      '--no-defaults',
      ...asRoot(),
      `--datadir=${data}`,
      temporaryFolder(folder),
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
    ],
    { quiet: true, todo: 'Give the factory a database with FACTORY_DATABASE_URL, or start Docker.' },
  );
}
