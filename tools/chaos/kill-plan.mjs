import { SERVICES } from '../sandbox/services.mjs';
import { OUTAGES } from './outage-kinds.mjs';

/**
 * What can be killed: each service, each server, and the broker with its stored data; and outages of servers
 * that run, but cannot be used.
 */
export const VICTIMS = [...SERVICES, 'broker', 'broker and its store', 'database', 'store', ...OUTAGES];
const LEAST_PER_VICTIM = 2;

/** Seconds of work between two kills. */
const PAUSE = { least: 2, most: 15 };
/** Seconds that a server stays down. A service is restarted at once, as by an orchestrator. */
const DOWN = { least: 0.5, most: 8 };

/**
 * @typedef {import('./kill-step.mjs').KillStep} KillStep
 */

/** @param {readonly string[]} kinds */
export function fewestKills(kinds = VICTIMS) {
  return kinds.length * LEAST_PER_VICTIM;
}

/**
 * The order of kills: every victim at least twice, the others at random.
 *
 * @param {number} kills at least `fewestKills(kinds)`
 * @param {() => number} random uniform in [0, 1)
 * @param {readonly string[]} kinds at least one
 * @returns {KillStep[]}
 */
export function killPlan(kills, random, kinds = VICTIMS) {
  const rounds = Array.from({ length: LEAST_PER_VICTIM }, () => kinds).flat();
  const others = Array.from({ length: kills - rounds.length }, () => oneOf(kinds, random));
  /** @param {{least: number, most: number}} range */
  const between = ({ least, most }) => least + random() * (most - least);
  return shuffled([...rounds, ...others], random).map((victim) => ({
    victim,
    pauseSeconds: between(PAUSE),
    downSeconds: between(DOWN),
    copy: random(),
  }));
}

/**
 * @template Item
 * @param {readonly Item[]} items at least one
 * @param {() => number} random
 */
function oneOf(items, random) {
  return /** @type {Item} */ (items[Math.floor(random() * items.length)]);
}

/**
 * All orders are equally likely (Fisher and Yates).
 *
 * @template Item
 * @param {readonly Item[]} items
 * @param {() => number} random
 * @returns {Item[]}
 */
function shuffled(items, random) {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = /** @type {[Item, Item]} */ ([order[other], order[last]]);
  }
  return order;
}
