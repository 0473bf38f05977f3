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
 * @property {boolean} servers whether its phases need any
 * @property {readonly Phase[]} phases
 *
 * @typedef {object} Choice what the command line says
 * @property {boolean} unit
 * @property {boolean} all
 * @property {boolean} ci
 * @property {string} [node]
 */

/** @type {Phase} */
const PURE = { kind: 'spec', workers: 2 };
/** @type {Phase} */
const ONE_SERVER = { kind: 'int-spec', workers: 2 };
/** Specs of the chain start a dozen processes each: one at a time. @type {Phase} */
const CHAIN = { kind: 'e2e-spec', workers: 1 };
/** Compiling and training take every core themselves. @type {Phase} */
const SLOW = { kind: 'slow-spec', workers: 1 };

/** The Node.js of the production images. */
const PRODUCTION_NODE = '24';
/** Every stage once, stopped at its worst moments: what of the chain is repeated. */
const KILLS = 'e2e/src/(chain|kill)\\.';

/**
 * What is run, in this order. A round that is repeated for the sake of another Node.js leaves out the pure specs: what
 * differs there is found by those with servers, native code and processes.
 *
 * @param {Choice} choice
 * @returns {readonly Round[]}
 * @throws Error when the choice contradicts itself
 */
export function roundsOf({ unit, all, ci, node }) {
  if (unit && (all || ci)) throw new Error('--unit leaves out what --all and --ci add: choose one of them');
  if (ci && node) throw new Error('--ci says itself which Node.js is used');
  if (unit) return [{ node, servers: false, phases: [PURE] }];
  const ordinary = [PURE, ONE_SERVER, CHAIN, ...(all ? [SLOW] : [])];
  const first = { node, servers: true, phases: ordinary };
  if (!ci) return [first];
  const repeated = [ONE_SERVER, { ...CHAIN, only: KILLS }];
  return [first, { node: PRODUCTION_NODE, servers: true, phases: repeated }];
}
