import { SERVICES } from '../sandbox/sandbox.mjs';
import { OUTAGES } from './outages.mjs';

/**
 * What can be killed: each service, each server, and the broker with everything that it had stored; and servers that
 * live, but cannot be used.
 */
export const VICTIMS = [...SERVICES, 'broker', 'broker and its store', 'database', 'store', ...OUTAGES];
export const LEAST_PER_VICTIM = 2;
export const fewestKills = (kinds = VICTIMS) => kinds.length * LEAST_PER_VICTIM;

/** Seconds of work between two kills. */
const PAUSE = { least: 2, most: 15 };
/** Seconds that a server stays away. A service is started again at once, as an orchestrator does it. */
const AWAY = { least: 0.5, most: 8 };

/**
 * The order of kills: every victim at least twice, the others at random.
 *
 * @param {number} kills
 * @param {() => number} random
 * @param {readonly string[]} kinds
 * @returns {{victim: string, pauseSeconds: number, awaySeconds: number, copy: number}[]} `copy`: which process of a
 *   service, as a number in [0, 1)
 */
export function killPlan(kills, random, kinds = VICTIMS) {
  const fewest = fewestKills(kinds);
  const victims = Array.from({ length: kills }, (_, at) =>
    at < fewest ? kinds[at % kinds.length] : kinds[Math.floor(random() * kinds.length)],
  );
  for (let last = victims.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [victims[last], victims[other]] = [victims[other], victims[last]];
  }
  const between = ({ least, most }) => least + random() * (most - least);
  return victims.map((victim) => ({
    victim,
    pauseSeconds: between(PAUSE),
    awaySeconds: between(AWAY),
    copy: random(),
  }));
}
