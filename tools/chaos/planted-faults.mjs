import { connect } from '@nats-io/transport-node';
import { finalChecks } from './final-checks.mjs';
import { outageChecks } from './outage-checks.mjs';
import { ProgressRecord } from './progress-record.mjs';
import { readRemains } from './remains.mjs';

/**
 * @import { Bucket } from '../sandbox/bucket.mjs'
 * @import { Check } from './final-checks.mjs'
 * @import { PastOutage } from './outage-checks.mjs'
 * @import { SeenUnit } from './progress-record.mjs'
 * @import { Places } from './remains.mjs'
 */

/** One fault for each rule of the final checks; `LIMIT 1` because one is enough to be found. */
const STATEMENTS = [
  'DELETE FROM factory_request_run LIMIT 1',
  "UPDATE factory_run SET outcome = NULL WHERE outcome = 'kept' LIMIT 1",
  "UPDATE factory_run SET outcome = 'failed' WHERE outcome = 'kept' LIMIT 1",
  "UPDATE factory_event SET stream_sequence = NULL WHERE event = 'run.finished' LIMIT 1",
  "UPDATE factory_stage SET status = 'queued' WHERE stage = 'evaluator' LIMIT 1",
  'DELETE FROM agg_propensity_model_train_hyperparameter LIMIT 1',
  'UPDATE attrib_propensity_model SET champion_epoch = champion_epoch + 1 LIMIT 1',
];

/**
 * Corrupts the remains of a finished chaos run, and tests whether every check reports it: a check that cannot fail
 * proves nothing.
 *
 * @param {Places} places
 * @returns {Promise<string[]>} rules that reported nothing
 */
export async function blindChecks(places) {
  for (const statement of STATEMENTS) await places.ledger.rows(statement);
  await spoilBucket(places.bucket);
  await spoilBroker(places.brokerUrl);
  const checks = finalChecks(await readRemains(places));
  return [...checks, ...watchOfFaults(), ...outagesOfFaults()]
    .filter(({ faults }) => faults.length === 0)
    .map(({ rule }) => rule);
}

/**
 * Overwrites every key of one run, and adds a version that was never promoted.
 *
 * @param {Bucket} bucket
 */
async function spoilBucket(bucket) {
  const [artefact] = await bucket.list('runs/');
  const manifest = (await bucket.list('models/')).find((key) => key.endsWith('/manifest.json'));
  if (!artefact || !manifest) throw new Error('no run has left an artefact and a version to corrupt');
  const folder = artefact.split('/').slice(0, 2).join('/');
  for (const key of await bucket.list(`${folder}/`)) await bucket.put(key, 'spoilt');
  const planted = manifest.replace(/[^/]+\/manifest\.json$/, 'planted/manifest.json');
  await bucket.put(planted, await bucket.get(manifest));
}

/**
 * A delivery that no service receives, and a dead letter.
 *
 * @param {string} url
 */
async function spoilBroker(url) {
  const connection = await connect({ servers: url });
  connection.publish('factory.run.queued.main.1', '{}');
  connection.publish('dead.factory.planted', '{}');
  await connection.flush();
  await connection.close();
}

/**
 * A progress record that is given a changing result, a run without work and idle work.
 *
 * @returns {Check[]}
 */
export function watchOfFaults() {
  const record = new ProgressRecord();
  /** @type {Omit<SeenUnit, 'outcome' | 'status' | 'outputHash'>} */
  const unit = {
    ...{ run: 'a', stage: 'sampling', shard: '0', attempt: 0, token: 1 },
    ...{ leaseRenewedAt: null, settledAt: null, renewedSecondsAgo: null, claimedSecondsAgo: null },
  };
  /**
   * @param {string | null} outcome
   * @param {string} status
   * @param {string} outputHash
   */
  const look = (outcome, status, outputHash) =>
    record.look(
      [{ run: 'a', outcome, reason: '', finishedAt: null }],
      [{ ...unit, outcome, status, outputHash }],
      10,
    );
  for (const hash of ['', '', '']) look(null, 'queued', hash);
  const stoodStill = record.longest.afterReturn.seconds >= 20;
  for (const hash of ['one', 'two', 'two']) look(null, 'done', hash);
  for (const outcome of ['kept', 'published']) look(outcome, 'done', 'two');
  /** @param {string} text */
  const saw = (text) => record.violations.filter((one) => one.includes(text));
  return [
    { rule: 'work that stopped', faults: stoodStill ? ['seen'] : [] },
    { rule: 'a result that changes', faults: saw('the result of') },
    { rule: 'an end that changes', faults: saw('the end of') },
    { rule: 'a run without work', faults: saw('without open work') },
  ];
}

/** Outages that were not reported or took too long to recover from, and failed work. */
export function outagesOfFaults() {
  /** @type {PastOutage} */
  const sound = {
    ...{ kind: 'planted', server: 'store', source: 'main', why: 'refused', began: 0, ended: 1 },
    ...{ goesOnAfterSeconds: 0, waited: true, othersAfterSeconds: 0 },
  };
  const past = [
    { ...sound, goesOnAfterSeconds: Infinity },
    { ...sound, kind: 'planted too', othersAfterSeconds: Infinity },
  ];
  return outageChecks(past, [{ name: 'planted', log: '{"level":"warn","msg":"failed: planted"}' }]);
}
