import { createHash } from 'node:crypto';
import { artefactsOf, folderOf, manifestKeyOf, pointerKeyOf } from './artefact-keys.mjs';
import { readBroker } from './broker-remains.mjs';

/**
 * @import { Bucket } from '../sandbox/bucket.mjs'
 * @import { Ledger } from '../sandbox/ledger.mjs'
 * @import { BrokerRemains } from './broker-remains.mjs'
 * @import { SentRequest } from './fan-outs.mjs'
 */

/**
 * Where to look.
 *
 * @typedef {object} Places
 * @property {Ledger} ledger
 * @property {Bucket} bucket
 * @property {string} brokerUrl
 * @property {readonly SentRequest[]} requests that were sent
 * @property {(source: string) => number} products that a request for all products of a source must be answered for
 */

/**
 * Everything that remains when all work has ended.
 *
 * @typedef {object} Remains
 * @property {{request: string, expected: number, answers: number}[]} requests expected: products
 * @property {RunRow[]} runs
 * @property {EventRow[]} events
 * @property {UnitRow[]} units
 * @property {{run: string, status: string}[]} trials
 * @property {{run: string}[]} records of runs
 * @property {ChampionRow[]} champions
 * @property {Map<string, Manifest>} manifests by key
 * @property {Map<string, Pointer>} pointers by key, for each champion
 * @property {Map<string, string>} hashes by key, of all referenced objects; the error's name if the object cannot
 *   be read
 * @property {BrokerRemains} broker
 *
 * @typedef {import('./ledger-rows.mjs').RunRow} RunRow
 * @typedef {import('./ledger-rows.mjs').EventRow} EventRow
 * @typedef {import('./ledger-rows.mjs').UnitRow} UnitRow
 * @typedef {import('./ledger-rows.mjs').ChampionRow} ChampionRow
 *
 * @typedef {{lineage: {run: string}, files: {name: string, sha256: string}[]}} Manifest
 * @typedef {{version: string, epoch?: number, manifestSha256?: string}} Pointer version: the error's name if it
 *   cannot be read
 */

/**
 * @param {Places} places
 * @returns {Promise<Remains>}
 */
export async function readRemains({ ledger, bucket, brokerUrl, requests, products }) {
  const broker = await readBroker(brokerUrl);
  const rows = await readLedger(ledger);
  const manifests = await readManifests(bucket);
  const keys = new Set([
    ...[...manifests].flatMap(([key, { files }]) => files.map(({ name }) => `${folderOf(key)}${name}`)),
    ...rows.champions.map(manifestKeyOf),
    ...artefactsOf(rows.units).keys(),
  ]);
  return {
    ...rows,
    requests: await readAnswers(ledger, requests, products),
    manifests,
    pointers: await readPointers(bucket, rows.champions),
    hashes: await readHashes(bucket, keys),
    broker,
  };
}

/**
 * @param {Ledger} ledger
 * @returns {Promise<Pick<Remains, 'runs' | 'events' | 'units' | 'trials' | 'records' | 'champions'>>}
 */
async function readLedger(ledger) {
  return {
    runs: await ledger.rows('SELECT run_id AS run, source, product, outcome, reason FROM factory_run'),
    events: await ledger.rows(
      'SELECT run_id AS run, event, shard, stream_sequence AS sequence, generation FROM factory_event',
    ),
    units: await ledger.rows(
      'SELECT run_id AS run, stage, shard, status, attempt, token, output FROM factory_stage',
    ),
    trials: await ledger.rows('SELECT run_id AS run, status FROM agg_propensity_model_train_hyperparameter'),
    records: await ledger.rows('SELECT run_id AS run FROM attrib_propensity_model_run'),
    champions: await ledger.rows(
      `SELECT source, goal, product, version, champion_epoch AS epoch, manifest_sha256 AS manifestSha256
         FROM attrib_propensity_model`,
    ),
  };
}

/**
 * @param {Ledger} ledger
 * @param {readonly SentRequest[]} requests
 * @param {(source: string) => number} products
 */
function readAnswers(ledger, requests, products) {
  const answers = 'SELECT COUNT(*) FROM factory_request_run WHERE request_key = ?';
  return Promise.all(
    requests.map(async ({ requestId, source }) => ({
      request: requestId,
      expected: products(source),
      answers: await ledger.count(answers, [requestId]),
    })),
  );
}

/**
 * @param {Bucket} bucket
 * @returns {Promise<Map<string, Manifest>>}
 */
async function readManifests(bucket) {
  /** @type {Map<string, Manifest>} */
  const manifests = new Map();
  for (const key of await bucket.list('models/'))
    if (key.endsWith('/manifest.json')) manifests.set(key, await bucket.json(key));
  return manifests;
}

/**
 * @param {Bucket} bucket
 * @param {readonly ChampionRow[]} champions
 * @returns {Promise<Map<string, Pointer>>}
 */
async function readPointers(bucket, champions) {
  /** @type {Map<string, Pointer>} */
  const pointers = new Map();
  for (const key of champions.map(pointerKeyOf)) {
    /** @type {Promise<Pointer>} */
    const read = bucket.json(key);
    pointers.set(key, await read.catch((error) => ({ version: error.name })));
  }
  return pointers;
}

/**
 * @param {Bucket} bucket
 * @param {Iterable<string>} keys
 */
async function readHashes(bucket, keys) {
  /** @type {Map<string, string>} */
  const hashes = new Map();
  for (const key of keys)
    hashes.set(
      key,
      await bucket.get(key).then(
        (bytes) => createHash('sha256').update(bytes).digest('hex'),
        (error) => error.name,
      ),
    );
  return hashes;
}
