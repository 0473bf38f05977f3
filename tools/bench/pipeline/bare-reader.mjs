import { tableFromIPC } from 'apache-arrow';
import mysql from 'mysql2';
import { Bucket } from '../../sandbox/bucket.mjs';
import { Ledger } from '../../sandbox/ledger.mjs';

/**
 * @import { ArtefactRef } from '@factory/contracts'
 * @import { Connection } from 'mysql2'
 * @import { Sandbox } from '../../sandbox/sandbox.mjs'
 *
 * @typedef {object} SamplingQuery a statement of sampling, from its ledger.json
 * @property {string} name
 * @property {string} sql
 * @property {unknown[]} parameters
 * @property {number} rows written
 * @property {number} seconds
 *
 * @typedef {object} ReadStatement
 * @property {string} statement
 * @property {number} rows
 * @property {number | null} seconds null: writes, so it is not measured
 * @property {number} ofSampling seconds
 */

/** Statements of sampling that write, or that start and end something; the others read the shop. */
const NO_READERS = [
  'create-drawn-table',
  'insert-drawn-visits',
  'start-snapshot',
  'end-snapshot',
  'drop-drawn-table',
];
const IDS_A_STATEMENT = 20_000;

/**
 * Repeats the statements with which a run's sampling read the shop, with the same driver and protocol, and discards
 * the rows. The additional time of sampling is its own work.
 *
 * @param {Sandbox} sandbox
 * @param {string} connectionString of the source's read-only account
 * @param {string} run
 * @returns {Promise<{seconds: number, rows: number, statements: ReadStatement[]}>} rows: of the dataset
 */
export async function bareReader(sandbox, connectionString, run) {
  const { queries, rows, visitIds } = await whatSamplingDid(sandbox, run);
  const driver = mysql.createConnection({ uri: connectionString, timezone: 'Z', supportBigNumbers: true });
  try {
    const created = queries.find(({ name }) => name === 'create-drawn-table');
    if (!created) throw new Error(`the sampling of ${run} did not make a table of drawn visits`);
    await ask(driver, created.sql);
    for (let from = 0; from < visitIds.length; from += IDS_A_STATEMENT) {
      const some = visitIds.slice(from, from + IDS_A_STATEMENT).map((id, at) => [id, from + at]);
      await ask(driver, 'INSERT INTO tmp_train_visits (visit_id, position) VALUES ?', [some]);
    }
    /** @type {ReadStatement[]} */
    const statements = [];
    for (const query of queries.filter(({ name }) => !NO_READERS.includes(name))) {
      const { read, seconds } = await readAndForget(driver, query);
      statements.push({ statement: query.name, rows: read, seconds, ofSampling: query.seconds });
    }
    for (const { name, rows: written, seconds } of queries)
      if (name === 'insert-drawn-visits')
        statements.push({ statement: name, rows: written, seconds: null, ofSampling: seconds });
    return { rows, statements, seconds: statements.reduce((sum, one) => sum + (one.seconds ?? 0), 0) };
  } finally {
    driver.destroy();
  }
}

/**
 * @param {Sandbox} sandbox
 * @param {string} run
 * @returns {Promise<{queries: SamplingQuery[], rows: number, visitIds: unknown[]}>}
 */
async function whatSamplingDid(sandbox, run) {
  const ledger = new Ledger(sandbox.env.FACTORY_DATABASE_URL);
  const output = await ledger.value(
    "SELECT output FROM factory_stage WHERE run_id = ? AND stage = 'sampling'",
    [run],
  );
  await ledger.close();
  /** @type {{dataset: ArtefactRef, ledger: ArtefactRef}} */
  const { dataset, ledger: description } = JSON.parse(String(output));
  const bucket = new Bucket(sandbox.env);
  /** @type {{queries: SamplingQuery[], rows: number}} */
  const { queries, rows } = await bucket.json(description.key);
  const visitIds = tableFromIPC(await bucket.get(dataset.key)).getChild('visit_id');
  bucket.close();
  if (!visitIds) throw new Error(`${dataset.key} has no column visit_id`);
  return { queries, rows, visitIds: [...visitIds] };
}

/**
 * @param {Connection} driver
 * @param {string} sql
 * @param {readonly unknown[]} values
 * @returns {Promise<void>}
 */
function ask(driver, sql, values = []) {
  return new Promise((resolve, reject) =>
    driver.query(sql, [...values], (error) => (error ? reject(error) : resolve())),
  );
}

/**
 * @param {Connection} driver
 * @param {SamplingQuery} query
 * @returns {Promise<{read: number, seconds: number}>} rows, and how long reading took
 */
function readAndForget(driver, { sql, parameters }) {
  const started = performance.now();
  let read = 0;
  const values = parameters.map((value) =>
    typeof value === 'number' && Number.isSafeInteger(value) ? mysql.TypedParameter.BIGINT(value) : value,
  );
  return new Promise((resolve, reject) => {
    driver
      .execute({ sql, values, rowsAsArray: true })
      .on('error', reject)
      .on('result', () => read++)
      .on('end', () => resolve({ read, seconds: (performance.now() - started) / 1_000 }));
  });
}
