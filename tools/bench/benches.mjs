import { client } from './pipeline/client.mjs';
import { fleet } from './pipeline/fleet.mjs';
import { grid } from './grid/grid.mjs';
import { isolation } from './pipeline/isolation.mjs';
import { memory } from './pipeline/memory.mjs';
import { overhead } from './pipeline/overhead.mjs';
import { quality } from './pipeline/quality.mjs';
import { training } from './training/training.mjs';

/**
 * @typedef {object} BenchResult
 * @property {object[]} rows of the table
 * @property {string[]} faults why the benchmark fails; none = passed
 * @property {{title: string, rows: object[]}[]} [tables] further ones
 * @property {Record<string, number>} [ratios]
 * @property {string[]} [notes]
 */

/**
 * @typedef {object} Bench
 * @property {string} summary
 * @property {boolean} [needsServers] default: a sandbox of its own is opened
 * @property {Record<string, object>} [options] of its own, for parseArgs; several may have one of a name, each with its own default, but of one type
 * @property {string} [help] on its options
 * @property {(values: Record<string, string | boolean>) => {wrong: string[], settings: object}} [settingsOf]
 * @property {(sandbox: object | undefined, settings: object) => Promise<BenchResult>} run
 */

/** Every benchmark by name. @type {Record<string, Bench>} */
export const BENCHES = { quality, fleet, overhead, training, grid, memory, client, isolation };
