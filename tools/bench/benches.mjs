import { fleet } from './fleet.mjs';
import { overhead } from './overhead.mjs';
import { quality } from './quality.mjs';

/**
 * @typedef {object} BenchResult
 * @property {object[]} rows of the table
 * @property {string[]} faults why the benchmark fails; none = passed
 * @property {Record<string, number>} [ratios]
 * @property {object[][]} [peaks]
 * @property {string[]} [notes]
 */

/** Every benchmark by name. */
export const BENCHES = { quality, fleet, overhead };
