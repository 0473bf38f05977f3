import { connect } from '@nats-io/transport-node';
import { finalChecks } from './final-checks.mjs';
import { plantedOutages } from './outages.mjs';
import { ProgressWatch } from './progress-watch.mjs';

/** One fault for each rule of the final checks; `LIMIT 1` because one is enough to be seen. */
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
 * Spoils what a chaos run has left, once nobody works on it any more, and looks whether every check sees it: a check
 * that cannot fail would prove nothing.
 *
 * @param {Parameters<typeof finalChecks>[0]} at
 * @returns {Promise<string[]>} rules that saw nothing
 */
export async function blindChecks(at) {
  const { ledger, bucket, brokerUrl } = at;
  for (const statement of STATEMENTS) await ledger.rows(statement);
  const [artefact] = await bucket.list('runs/');
  const folder = artefact.split('/').slice(0, 2).join('/');
  for (const key of await bucket.list(`${folder}/`)) await bucket.put(key, 'spoilt');
  const manifest = (await bucket.list('models/')).find((key) => key.endsWith('/manifest.json'));
  await bucket.put(
    manifest.replace(/[^/]+\/manifest\.json$/, 'planted/manifest.json'),
    await bucket.get(manifest),
  );
  const connection = await connect({ servers: brokerUrl });
  connection.publish('factory.run.queued.main.1', '{}');
  connection.publish('dead.factory.planted', '{}');
  await connection.flush();
  await connection.close();
  const { checks } = await finalChecks(at);
  return [...checks, ...watchOfFaults(), ...plantedOutages()]
    .filter(({ faults }) => faults.length === 0)
    .map(({ rule }) => rule);
}

/** A watch that is shown a result that changes, a run without work and work that stands still. */
function watchOfFaults() {
  const watch = new ProgressWatch(undefined);
  const unit = { run_id: 'a', stage: 'sampling', shard: '0', attempt: 0, token: 1, lease_renewed_at: null };
  const look = (outcome, status, hash) =>
    watch.look(
      [{ run_id: 'a', outcome, reason: '', finished_at: null }],
      [{ ...unit, outcome, status, output_hash: hash, settled_at: null, renewed_seconds_ago: null }],
      10,
    );
  for (const hash of ['', '', '']) look(null, 'queued', hash);
  const stoodStill = watch.longest.afterReturn.seconds >= 20;
  for (const hash of ['one', 'two', 'two']) look(null, 'done', hash);
  for (const outcome of ['kept', 'published']) look(outcome, 'done', 'two');
  const saw = (text) => watch.violations.filter((one) => one.includes(text));
  return [
    { rule: 'work that stands still', faults: stoodStill ? ['seen'] : [] },
    { rule: 'a result that changes', faults: saw('the result of') },
    { rule: 'an end that changes', faults: saw('the end of') },
    { rule: 'a run without work', faults: saw('without open work') },
  ];
}
