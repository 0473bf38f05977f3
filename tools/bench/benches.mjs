import { faults } from './faults/faults.mjs';
import { grid } from './grid/grid.mjs';
import { honesty } from './honesty/honesty.mjs';
import { client } from './pipeline/large-client.mjs';
import { fleet } from './pipeline/fan-outs.mjs';
import { isolation } from './pipeline/isolation.mjs';
import { memory } from './pipeline/memory.mjs';
import { overhead } from './pipeline/overhead.mjs';
import { quality } from './pipeline/quality.mjs';
import { training } from './training/training.mjs';
import { verdicts } from './verdicts/verdicts.mjs';

/** @import { Bench } from './bench.mjs' */

/**
 * Every benchmark by name.
 *
 * @type {Readonly<Record<string, Bench>>}
 */
export const BENCHES = {
  quality,
  fleet,
  overhead,
  training,
  grid,
  memory,
  client,
  isolation,
  faults,
  honesty,
  verdicts,
};
