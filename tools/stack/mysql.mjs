import { join } from 'node:path';
import { mustRun } from '../workspace/command.mjs';
import { mysqlRoot } from './binaries.mjs';
import {
  asRoot,
  createOnce,
  databaseOptions,
  databaseRole,
  rowsOnce,
  SOCKET,
  temporaryFolder,
} from './database-process.mjs';
import { removeStaleSocketLock } from './mysql-socket-lock.mjs';

/** Debian's library folder and the name of its loader, by processor. */
const LIBRARIES = new Map([
  ['x64', { folder: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' }],
  ['arm64', { folder: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' }],
]);
/** ER_SP_DOES_NOT_EXIST */
const NO_SUCH_FUNCTION = 1305;

/** MySQL of Debian unstable, in a separate folder. @type {import('./server.mjs').Server} */
export const mysql = {
  ...databaseRole,
  title: 'MySQL',
  binary: mysqlRoot,

  async command({ folder, binary, ports, secrets, process: last }) {
    const data = join(folder, 'data');
    const program = mysqld(binary);
    await createOnce(data, (created) => createDataFolder(program, { folder, data: created }));
    removeStaleSocketLock(join(data, `${SOCKET}.lock`), last);
    const options = databaseOptions({ folder, data, ports, secrets });
    return {
      file: program.file,
      args: [
        ...program.args,
        ...options,
        '--innodb-redo-log-capacity=256M',
        '--mysqlx=OFF',
        '--performance-schema=OFF',
        '--secure-file-priv=NULL',
      ],
    };
  },

  async ready({ env, ports, secrets }) {
    await rowsOnce(env.FACTORY_DATABASE_URL ?? '', 'SELECT 1');
    await installMd5({
      host: '127.0.0.1',
      port: ports?.sql,
      user: 'root',
      password: secrets?.root,
      database: 'factory',
    });
  },
};

/**
 * Starts the server with the loader and libraries that it was built for: those of this machine may be older.
 *
 * @param {string} unpacked its root folder
 * @returns {{file: string, args: string[]}}
 */
function mysqld(unpacked) {
  const found = LIBRARIES.get(process.arch);
  if (!found) throw new Error(`MySQL is run on x86-64 and 64-bit ARM, not on ${process.arch}.`);
  const { folder, loader } = found;
  const libraries = join(unpacked, 'usr', 'lib', folder);
  const own = join(unpacked, 'usr', 'lib', 'mysql');
  return {
    file: join(libraries, loader),
    args: [
      '--library-path',
      `${libraries}:${join(own, 'private')}`,
      join(unpacked, 'usr', 'sbin', 'mysqld'),
      '--no-defaults',
      `--basedir=${join(unpacked, 'usr')}`,
      `--plugin-dir=${join(own, 'plugin')}`,
      `--lc-messages-dir=${join(unpacked, 'usr', 'share', 'mysql')}`,
    ],
  };
}

/**
 * @param {{file: string, args: string[]}} program
 * @param {{folder: string, data: string}} at `folder`: the server's own, `data`: the folder to create in it
 */
async function createDataFolder({ file, args }, { folder, data }) {
  const options = ['--initialize-insecure', `--datadir=${data}`, temporaryFolder(folder)];
  await mustRun(file, [...args, ...asRoot(), ...options], {
    quiet: true,
    todo: 'Leave out --database mysql for MariaDB, or set FACTORY_DATABASE_URL.',
  });
}

/**
 * Since 9.6 MD5, which the draw of visits needs, is a component: an administrator installs it once.
 *
 * @param {import('mysql2/promise').ConnectionOptions} administrator
 */
async function installMd5(administrator) {
  try {
    await rowsOnce(administrator, "SELECT MD5('')");
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error && error.errno === NO_SUCH_FUNCTION)) throw error;
    await rowsOnce(administrator, "INSTALL COMPONENT 'file://component_classic_hashing'");
  }
}
