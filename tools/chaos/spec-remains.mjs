/**
 * @import { EventRow, Remains, UnitRow } from './remains.mjs'
 */

const STAGES = ['data-prep', 'sampling', 'trainer-plan', 'gather', 'evaluator', 'publisher'];

/**
 * The remains of two correct runs of one product: the first was published, the second kept the first's model.
 *
 * @returns {Remains}
 */
export function soundRemains() {
  const runs = ['a', 'b'];
  /** @type {UnitRow[]} */
  const units = runs.flatMap((run) =>
    [...STAGES, 'trials'].map((stage) => ({
      ...{ run, stage, shard: stage === 'trials' ? 'g001' : '0', status: 'done', attempt: 0, token: 1 },
      output: JSON.stringify({ dataset: { key: `runs/${run}/${stage}`, sha256: `hash of ${run} ${stage}` } }),
    })),
  );
  /** @type {EventRow[]} */
  const events = runs.map((run) => ({ run, event: 'run.finished', shard: '0', sequence: 1, generation: 0 }));
  const folder = 'models/main/sale/1/v1/';
  return {
    requests: [{ request: 'chaos-1-1', expected: 1, answers: 1 }],
    runs: [
      { run: 'a', source: 'main', product: 1, outcome: 'published', reason: 'first-model' },
      { run: 'b', source: 'main', product: 1, outcome: 'kept', reason: 'not-better' },
    ],
    events,
    units,
    trials: runs.flatMap((run) => Array.from({ length: 4 }, () => ({ run, status: 'done' }))),
    records: runs.map((run) => ({ run })),
    champions: [
      {
        source: 'main',
        goal: 'sale',
        product: 1,
        version: 'v1',
        epoch: 1,
        manifestSha256: 'hash of manifest',
      },
    ],
    manifests: new Map([
      [
        `${folder}manifest.json`,
        { lineage: { run: 'a' }, files: [{ name: 'weights.bin', sha256: 'hash of weights' }] },
      ],
    ]),
    pointers: new Map([
      ['models/main/sale/1/champion.json', { version: 'v1', epoch: 1, manifestSha256: 'hash of manifest' }],
    ]),
    hashes: new Map([
      [`${folder}manifest.json`, 'hash of manifest'],
      [`${folder}weights.bin`, 'hash of weights'],
      ...units.map(
        ({ run, stage }) => /** @type {const} */ ([`runs/${run}/${stage}`, `hash of ${run} ${stage}`]),
      ),
    ]),
    broker: { open: [], ends: new Map(runs.map((run) => [run, [`${run}/run.finished/0`]])), dead: [] },
  };
}
