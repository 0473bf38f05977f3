import { refuseUnknownDatabase } from '../stack/servers.mjs';

/**
 * One run of Jest.
 *
 * @typedef {object} Phase
 * @property {'spec' | 'int-spec' | 'e2e-spec' | 'slow-spec'} kind suffix of its specs
 * @property {number} workers specs at a time
 * @property {string} [only] pattern of the paths to run; default: all of the kind
 *
 * Phases on the same Node.js and the same servers.
 *
 * @typedef {object} Round
 * @property {string} [node] version of Node.js that runs it, such as `24`; default: the one that runs this process
 * @property {string} [database] `mariadb` or `mysql`; default: the one that the stack chooses
 * @property {boolean} servers whether its phases need servers
 * @property {readonly Phase[]} phases
 * @property {boolean} [demo] whether the demo runs afterwards, as one more spec
 *
 * @typedef {object} Choice options of the command line
 * @property {boolean} unit
 * @property {boolean} all
 * @property {boolean} ci
 * @property {string} [node]
 * @property {string} [database]
 */

/** @type {Phase} */
const PURE = { kind: 'spec', workers: 2 };
/** @type {Phase} */
const ONE_SERVER = { kind: 'int-spec', workers: 2 };
/** Their processes wait for each other, and for unavailable servers: a single spec leaves cores idle. @type {Phase} */
const CHAIN = { kind: 'e2e-spec', workers: 2 };
/** Compiling and training take every core themselves. @type {Phase} */
const SLOW = { kind: 'slow-spec', workers: 1 };

/** A retrain from the message to the published model, of two sources. */
const RETRAIN = 'e2e/src/chain\\.';
/**
 * As in production: the Node.js of the images, and MySQL. Both in one round; if something fails, `--node` and
 * `--database` separate them.
 */
const AS_IN_PRODUCTION = { node: '24', database: 'mysql', servers: true };

/**
 * The rounds to run, in this order.
 *
 * @param {Choice} choice
 * @returns {readonly Round[]}
 * @throws Error if the choice is contradictory
 */
export function roundsOf({ unit, all, ci, node, database }) {
  refuseUnknownDatabase(database);
  if (node !== undefined && !/^\d+(\.\d+){0,2}$/.test(node))
    throw new Error(`--node ${node}: give a version or its prefix, such as 24`);
  if (unit && (all || ci || database))
    throw new Error('--unit excludes --all, --ci and --database: choose one of them');
  if (ci && (node || database))
    throw new Error('--ci determines Node.js and database: leave out --node and --database');
  const slow = all ? [SLOW] : [];
  if (unit) return [{ node, servers: false, phases: [PURE] }];
  if (ci)
    return [
      // Specs with a server find differences between databases and between versions of Node.js, so they run on both.
      { servers: true, phases: [PURE, ONE_SERVER, { ...CHAIN, only: RETRAIN }, ...slow] },
      { ...AS_IN_PRODUCTION, phases: [ONE_SERVER, CHAIN] },
    ];
  return [
    {
      node,
      database,
      servers: true,
      phases: [PURE, ONE_SERVER, CHAIN, ...slow],
      demo: database !== undefined,
    },
  ];
}
