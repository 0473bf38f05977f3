import { broker } from './broker.mjs';
import { mariadb } from './mariadb.mjs';
import { mysql } from './mysql.mjs';
import { store } from './store.mjs';

/**
 * @typedef {import('./server.mjs').Server} Server
 * @typedef {import('./server.mjs').Role} Role
 */

/** @type {Record<Role, Server>} */
const SERVERS = { broker, database: mariadb, store };
/** @type {readonly Role[]} */
export const ROLES = ['broker', 'database', 'store'];

/** Databases that can be requested by name. */
const DATABASES = new Map(Object.entries({ mariadb, mysql }));

/**
 * @param {Role} role
 * @param {object} [state] of that server; its `database`: the name of the database, if one was requested
 * @returns {Server}
 */
export function serverOf(role, state = {}) {
  const name = 'database' in state ? state.database : undefined;
  const asked = role === 'database' && typeof name === 'string' ? DATABASES.get(name) : undefined;
  return asked ?? SERVERS[role];
}

/**
 * @param {string | undefined} name as the user typed it
 * @throws Error when there is no such role
 * @returns {Role}
 */
export function roleNamed(name) {
  const role = ROLES.find((one) => one === name);
  if (role) return role;
  throw new Error(`${name ?? 'no role'}: choose from ${ROLES.join(', ')}`);
}

/**
 * @param {string | undefined} name as the user typed it
 * @throws Error when there is no such database
 */
export function refuseUnknownDatabase(name) {
  if (name === undefined || DATABASES.has(name)) return;
  throw new Error(`no database ${name}: choose from ${[...DATABASES.keys()].join(', ')}`);
}
