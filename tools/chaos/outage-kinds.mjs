import { changeStoreKeys, endSessions, runAsRoot } from '../stack/stack.mjs';

/**
 * @import { Forwarder } from '../sandbox/forwarder.mjs'
 * @import { Sandbox } from '../sandbox/sandbox.mjs'
 * @import { KillStep } from './kill-step.mjs'
 */

/** How long an account is refused: longer than a lease, much shorter than runs wait for a source. */
const REFUSED_SECONDS = 60;
/** Added to a failover's random length: shorter ones may pass unnoticed between two statements. */
const LEAST_READ_ONLY_SECONDS = 5;
/** The main source, read by all other work. */
export const MAIN = 'main';
/** A second source; its runs wait while it is dead, the others continue. */
export const BESIDE = 'beside';
export const LEAST_DEAD_SECONDS = 15;

/**
 * Where outages are caused.
 *
 * @typedef {object} OutageSite
 * @property {Sandbox} sandbox
 * @property {Forwarder} door in front of the second source
 *
 * A server that answers, but cannot be used, and what the services must report about it.
 *
 * @typedef {object} OutageKind
 * @property {'database' | 'source' | 'store'} server
 * @property {string} source which one; for other servers: the source whose work must continue
 * @property {'read-only' | 'refused' | 'unreachable'} why
 * @property {(step: KillStep) => number} seconds that it lasts
 * @property {(site: OutageSite) => Promise<() => Promise<unknown>>} begin resolves to a function that ends it
 */

/** @type {ReadonlyMap<string, OutageKind>} */
const KINDS = new Map([
  [
    'failover: ledger read-only',
    {
      server: 'database',
      source: MAIN,
      why: 'read-only',
      seconds: ({ downSeconds }) => LEAST_READ_ONLY_SECONDS + downSeconds,
      begin: async ({ sandbox: { stack } }) => {
        await runAsRoot(stack, ['SET GLOBAL read_only = 1']);
        return () => runAsRoot(stack, ['SET GLOBAL read_only = 0']);
      },
    },
  ],
  [
    'ledger refuses the account',
    {
      server: 'database',
      source: MAIN,
      why: 'refused',
      seconds: () => REFUSED_SECONDS,
      begin: ({ sandbox: { stack, env } }) => changePassword(stack, env.FACTORY_DATABASE_URL),
    },
  ],
  [
    'source refuses the account',
    {
      server: 'source',
      source: MAIN,
      why: 'refused',
      seconds: () => REFUSED_SECONDS,
      begin: ({ sandbox }) => changePassword(sandbox.stack, sandbox.connectionOf('SOURCE_MAIN_URL')),
    },
  ],
  [
    'dead source',
    {
      server: 'source',
      source: BESIDE,
      why: 'unreachable',
      seconds: ({ downSeconds }) => LEAST_DEAD_SECONDS + downSeconds,
      begin: async ({ door }) => {
        await door.close();
        return () => door.reopen();
      },
    },
  ],
  [
    'store refuses the account',
    {
      server: 'store',
      source: MAIN,
      why: 'refused',
      seconds: () => REFUSED_SECONDS,
      begin: async ({ sandbox: { stack } }) => {
        const former = await changeStoreKeys(stack, { accessKey: 'rotated', secretKey: 'rotated-by-chaos' });
        return () => changeStoreKeys(stack, former);
      },
    },
  ],
]);
export const OUTAGES = [...KINDS.keys()];

/** @param {string} victim */
export function outageKind(victim) {
  return KINDS.get(victim);
}

/**
 * Changes the password and ends all connections that used the previous one.
 *
 * @param {string} stack folder
 * @param {string} url names the account
 * @returns {Promise<() => Promise<unknown>>} changes it back
 */
async function changePassword(stack, url) {
  const { username, password } = new URL(url);
  await runAsRoot(stack, [`ALTER USER '${username}'@'%' IDENTIFIED BY 'rotated-by-chaos'`]);
  await endSessions(stack, username);
  return () => runAsRoot(stack, [`ALTER USER '${username}'@'%' IDENTIFIED BY '${password}'`]);
}
