import { broker } from './broker.mjs';
import { mariadb } from './mariadb.mjs';
import { mysql } from './mysql.mjs';
import { store } from './store.mjs';

/**
 * How one server is run.
 *
 * @typedef {object} Server
 * @property {'broker' | 'database' | 'store'} role
 * @property {string} title
 * @property {string[]} ports names; each gets a free loopback port that it keeps across restarts
 * @property {string[]} secrets names; each gets a random value
 * @property {string[]} needs environment names that together say where a given server is
 * @property {() => Promise<string>} binary finds or installs its program
 * @property {(at: object) => Record<string, string>} environment addresses for the services
 * @property {(at: object) => Promise<{file: string, args: string[]}>} command prepares its folder, too
 * @property {(at: object) => Promise<void>} ready throws while it is not
 * @property {number} [graceOnDownMs] how long `down` waits for an orderly end before it kills
 * @property {(at: object) => string[]} [leftovers] files that it leaves outside its folder
 */

/** @type {Record<string, Server>} */
const SERVERS = { broker, database: mariadb, store };
export const ROLES = Object.keys(SERVERS);

/** Databases that can be asked for by name. @type {Record<string, Server>} */
const DATABASES = { mariadb, mysql };

/**
 * @param {string} role
 * @param {{database?: string}} state of that server: the name of its database, where one was asked for
 * @returns {Server}
 */
export function serverOf(role, { database } = {}) {
  return (role === 'database' && database && DATABASES[database]) || SERVERS[role];
}

/**
 * @param {string | undefined} name as somebody typed it
 * @throws Error when there is no such database
 */
export function refuseUnknownDatabase(name) {
  if (name === undefined || Object.hasOwn(DATABASES, name)) return;
  throw new Error(`no database ${name}: choose from ${Object.keys(DATABASES).join(', ')}`);
}
