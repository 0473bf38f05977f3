import { refuseUnknownDatabase } from '../stack/servers.mjs';

/**
 * One run of Jest.
 *
 * @typedef {object} Phase
 * @property {'spec' | 'int-spec' | 'e2e-spec' | 'slow-spec'} kind suffix of its specs
 * @property {number} workers specs at a time
 * @property {string} [only] pattern of the paths that are run; without it all of the kind
 *
 * Phases on the same Node.js and the same servers.
 *
 * @typedef {object} Round
 * @property {string} [node] what of Node.js is fetched to run it, such as `24`; without it the one that runs this
 * @property {string} [database] `mariadb` or `mysql`; without it the one that the stack finds
 * @property {boolean} servers whether its phases need any
 * @property {readonly Phase[]} phases
 * @property {boolean} [demo] whether the demo follows, as one more spec
 *
 * @typedef {object} Choice what the command line says
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
/** Their processes wait for each other, and for servers that are gone: one spec leaves cores idle. @type {Phase} */
const CHAIN = { kind: 'e2e-spec', workers: 2 };
/** Compiling and training take every core themselves. @type {Phase} */
const SLOW = { kind: 'slow-spec', workers: 1 };

/** A retrain from the message to the published model, of two sources. */
const RETRAIN = 'e2e/src/chain\\.';
/**
 * What production has: the Node.js of the images, and MySQL. Both at once, as they are told apart by `--node` and
 * `--database` when something fails.
 */
const AS_IN_PRODUCTION = { node: '24', database: 'mysql', servers: true };

/**
 * What is run, in this order.
 *
 * @param {Choice} choice
 * @returns {readonly Round[]}
 * @throws Error when the choice contradicts itself
 */
export function roundsOf({ unit, all, ci, node, database }) {
  refuseUnknownDatabase(database);
  if (node !== undefined && !/^\d+(\.\d+){0,2}$/.test(node))
    throw new Error(`--node ${node}: say a version or its beginning, such as 24`);
  if (unit && (all || ci || database))
    throw new Error('--unit leaves out what --all, --ci and --database are about: choose one of them');
  if (ci && (node || database)) throw new Error('--ci says itself which Node.js and which database are used');
  const slow = all ? [SLOW] : [];
  if (unit) return [{ node, servers: false, phases: [PURE] }];
  if (ci)
    return [
      // What differs between servers and between releases of Node.js is found by specs with a server: on both.
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
