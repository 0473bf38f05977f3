import { tableFromIPC } from 'apache-arrow';
import mysql from 'mysql2';
import { Bucket } from '../../sandbox/bucket.mjs';
import { Ledger } from '../../sandbox/ledger.mjs';

/** Statements of sampling that write, or that begin and end something; the others read the shop. */
const NO_READERS = [
  'create-drawn-table',
  'insert-drawn-visits',
  'start-snapshot',
  'end-snapshot',
  'drop-drawn-table',
];
const IDS_A_STATEMENT = 20_000;

/**
 * Runs the statements again by which a run's sampling read the shop, with the same driver and protocol, and makes
 * nothing of their rows. What sampling takes beyond it is its own work.
 *
 * @param {string} connectionString of the source's reading account
 * @returns {Promise<{seconds: number, rows: number, statements: object[]}>} rows: of the dataset
 */
export async function bareReader(sandbox, connectionString, run) {
  const { queries, rows, visitIds } = await whatSamplingDid(sandbox, run);
  const driver = mysql.createConnection({ uri: connectionString, timezone: 'Z', supportBigNumbers: true });
  const ask = (text, values) =>
    new Promise((resolve, reject) =>
      driver.query(text, values, (error, answer) => (error ? reject(error) : resolve(answer))),
    );
  try {
    await ask(queries.find(({ name }) => name === 'create-drawn-table').sql);
    for (let from = 0; from < visitIds.length; from += IDS_A_STATEMENT) {
      const some = Array.from({ length: Math.min(IDS_A_STATEMENT, visitIds.length - from) }, (_, at) => [
        visitIds.get(from + at),
        from + at,
      ]);
      await ask('INSERT INTO tmp_train_visits (visit_id, position) VALUES ?', [some]);
    }
    const statements = [];
    for (const query of queries.filter(({ name }) => !NO_READERS.includes(name))) {
      const { read, seconds } = await readAndForget(driver, query);
      statements.push({ statement: query.name, rows: read, seconds, ofSampling: query.seconds });
    }
    const writing = queries.filter(({ name }) => name === 'insert-drawn-visits');
    for (const { name, rows: written, seconds } of writing)
      statements.push({ statement: name, rows: written, seconds: null, ofSampling: seconds });
    return { rows, statements, seconds: statements.reduce((sum, one) => sum + (one.seconds ?? 0), 0) };
  } finally {
    driver.destroy();
  }
}

async function whatSamplingDid(sandbox, run) {
  const ledger = new Ledger(sandbox.env.FACTORY_DATABASE_URL);
  const output = await ledger.value(
    "SELECT output FROM factory_stage WHERE run_id = ? AND stage = 'sampling'",
    [run],
  );
  await ledger.close();
  const { dataset, ledger: description } = JSON.parse(output);
  const bucket = new Bucket(sandbox.env);
  const { queries, rows } = await bucket.json(description.key);
  const visitIds = tableFromIPC(await bucket.get(dataset.key)).getChild('visit_id');
  bucket.close();
  return { queries, rows, visitIds };
}

function readAndForget(driver, { sql, parameters }) {
  const started = performance.now();
  let read = 0;
  const values = parameters.map((value) =>
    Number.isSafeInteger(value) ? mysql.TypedParameter.BIGINT(value) : value,
  );
  return new Promise((resolve, reject) => {
    driver
      .execute({ sql, values, rowsAsArray: true })
      .on('error', reject)
      .on('result', () => read++)
      .on('end', () => resolve({ read, seconds: (performance.now() - started) / 1_000 }));
  });
}
