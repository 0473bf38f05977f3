/** @import { Remains } from './remains.mjs' */

const MAX_ATTEMPTS = 5;

/**
 * How much was done, and how often it was repeated.
 *
 * @param {Remains} remains
 */
export function finalFigures({ runs, units, events, trials }) {
  return {
    runs: runs.length,
    outcomes: countBy(runs, ({ outcome }) => String(outcome)),
    units: units.length,
    unitsByAttemptsUsed: countBy(units, ({ attempt }) => String(attempt)),
    unitsClaimedMoreThanOnce: units.filter(({ token }) => token > 1).length,
    mostClaimsOfAUnit: units.reduce((most, { token }) => Math.max(most, token), 0),
    eventsAnnouncedAgain: events.reduce((sum, { generation }) => sum + generation, 0),
    trials: countBy(trials, ({ status }) => status),
    attemptsAllowed: MAX_ATTEMPTS,
  };
}

/**
 * @template Row
 * @param {readonly Row[]} rows
 * @param {(row: Row) => string} nameOf
 * @returns {Record<string, number>}
 */
function countBy(rows, nameOf) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const row of rows) counts[nameOf(row)] = (counts[nameOf(row)] ?? 0) + 1;
  return counts;
}
