import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { rowsOnce } from '../stack/database-process.mjs';
import { provision } from '../stack/provision.mjs';
import { down, up } from '../stack/stack.mjs';
import { root } from '../workspace/root.mjs';

const PARENT = join(root, '.stack');
const STACK = join(PARENT, 'test');

/**
 * Separate servers for the specs, or those given by the environment, empty and provisioned; stopped at the end.
 *
 * @template T
 * @param {import('./node-runtime.mjs').NodeRuntime} runtime
 * @param {{database?: string, say: (line: string) => void}} options `database`: requested by name
 * @param {(runtime: import('./node-runtime.mjs').NodeRuntime, database: string) => Promise<T>} work receives their
 *   addresses in the environment, and a description of the database
 * @returns {Promise<T>}
 */
export async function withServers(runtime, { database, say }, work) {
  try {
    const addresses = await up(STACK, { env: runtime.env, database, say });
    await provision(addresses, say, runtime);
    // Specs that kill a server start a separate one, of the same kind.
    const kind = database === undefined ? {} : { STACK_DATABASE: database };
    const env = { ...runtime.env, ...kind, ...addresses };
    return await work({ ...runtime, env }, await versionOf(String(addresses.FACTORY_DATABASE_URL)));
  } finally {
    await down(STACK);
    // The parent folder may contain other stacks.
    if (existsSync(PARENT) && readdirSync(PARENT).length === 0) rmdirSync(PARENT);
  }
}

/** @param {string} url of a database @returns {Promise<string>} such as `MySQL 9.7.4-2` */
async function versionOf(url) {
  const [row] = await rowsOnce(url, 'SELECT VERSION() AS version');
  const version = String(row?.version);
  return /mariadb/i.test(version) ? version : `MySQL ${version}`;
}
