import { createHash } from 'node:crypto';
import { readBroker } from './broker-view.mjs';

const TRIALS_OF_QUICK = 4;
const MAX_ATTEMPTS = 5;

/** The hash of what lies at a key; the error's name where nothing can be read. */
const hashAt = (bucket, key) =>
  bucket.get(key).then(
    (bytes) => createHash('sha256').update(bytes).digest('hex'),
    (error) => error.name,
  );

/**
 * Looks at everything that is left when nothing moves any more.
 *
 * @param {{ledger: object, bucket: object, brokerUrl: string, products: (source: string) => number, requests: {requestId: string, source: string}[]}} at
 * @returns {Promise<{checks: {rule: string, faults: string[]}[], figures: Record<string, unknown>}>}
 */
export async function finalChecks({ ledger, bucket, brokerUrl, products, requests }) {
  const checks = [];
  const check = (rule, faults) => checks.push({ rule, faults });
  const faultsOf = async (text, parameters) =>
    (await ledger.rows(text, parameters)).map((row) => Object.values(row).join(' '));
  const broker = await readBroker(brokerUrl);
  const runs = await ledger.rows('SELECT * FROM factory_run');
  const published = runs.filter(({ outcome }) => outcome === 'published');

  check(
    'every request was answered for every product',
    (
      await Promise.all(
        requests.map(async ({ requestId: key, source }) => ({
          key,
          products: products(source),
          answers: Number(
            await ledger.value('SELECT COUNT(*) FROM factory_request_run WHERE request_key = ?', [key]),
          ),
        })),
      )
    ).flatMap(({ key, products: expected, answers }) =>
      answers === expected ? [] : [`${key}: ${answers} answers`],
    ),
  );
  check(
    'every run has ended, once',
    await faultsOf(`
      SELECT r.run_id, r.outcome, COUNT(e.run_id) AS announcements FROM factory_run r
        LEFT JOIN factory_event e ON e.run_id = r.run_id AND e.event = 'run.finished'
       GROUP BY r.run_id, r.outcome HAVING r.outcome IS NULL OR announcements <> 1`),
  );
  check('every end was announced, and no message id lies on the stream twice', [
    ...(await faultsOf('SELECT run_id, event, shard FROM factory_event WHERE stream_sequence IS NULL')),
    ...[...broker.ends].flatMap(([run, ids]) => (new Set(ids).size === ids.length ? [] : [`${run}: ${ids}`])),
    ...(await announcedTwice(ledger, broker.ends)),
  ]);
  check(
    'no run has failed or been given up',
    runs
      .filter(({ outcome }) => !['published', 'kept', 'rejected'].includes(outcome))
      .map(({ run_id: run, outcome, reason }) => `${run} ${outcome}: ${reason}`),
  );
  check(
    'every unit of work of an ended run is done',
    await faultsOf("SELECT run_id, stage, shard, status FROM factory_stage WHERE status <> 'done'"),
  );
  check(
    'every run has one of each stage, and its trials once each',
    await faultsOf(
      `SELECT r.run_id, r.outcome,
              (SELECT GROUP_CONCAT(s.stage ORDER BY s.stage) FROM factory_stage s
                WHERE s.run_id = r.run_id AND s.stage <> 'trials') AS stages,
              (SELECT COUNT(*) FROM agg_propensity_model_train_hyperparameter t
                WHERE t.run_id = r.run_id) AS trials,
              (SELECT COUNT(*) FROM attrib_propensity_model_run m WHERE m.run_id = r.run_id) AS records
         FROM factory_run r
       HAVING stages <> 'data-prep,evaluator,gather,publisher,sampling,trainer-plan' OR trials <> ?
              OR records <> 1`,
      [TRIALS_OF_QUICK],
    ),
  );
  check(
    'one version with a manifest for each promoted run, none for others',
    await versions(bucket, published),
  );
  check('champion.json says what the database says', await pointers(ledger, bucket));
  check('each promoted run raised its champion epoch by one', await epochs(ledger, published));
  check('artefacts in the ledger lie on S3 with their hash', await artefacts(ledger, bucket));
  check('nothing waits on the broker', broker.open);
  check('no dead letters', broker.dead);
  return { checks, figures: await figures(ledger, runs) };
}

/** A raised generation (the sweeper's doing) explains a second message of one announcement. */
async function announcedTwice(ledger, ends) {
  const rows = await ledger.rows("SELECT run_id, generation FROM factory_event WHERE event = 'run.finished'");
  return rows.flatMap(({ run_id: run, generation }) => {
    const messages = ends.get(run)?.length ?? 0;
    return messages > Number(generation) + 1
      ? [`${run}: ${messages} messages, generation ${generation}`]
      : [];
  });
}

async function versions(bucket, published) {
  const keys = await bucket.list('models/');
  const found = new Map();
  const faults = [];
  for (const key of keys.filter((one) => one.endsWith('/manifest.json'))) {
    const manifest = await bucket.json(key);
    const { run } = manifest.lineage;
    found.set(run, [...(found.get(run) ?? []), key]);
    const folder = key.slice(0, -'manifest.json'.length);
    for (const { name, sha256: expected } of manifest.files)
      if ((await hashAt(bucket, `${folder}${name}`)) !== expected)
        faults.push(`${folder}${name}: other bytes`);
  }
  for (const { run_id: run } of published)
    if (found.get(run)?.length !== 1) faults.push(`${run}: ${found.get(run)?.length ?? 0} versions`);
  const promoted = new Set(published.map(({ run_id: run }) => run));
  for (const [run, where] of found) if (!promoted.has(run)) faults.push(`${run} was not promoted: ${where}`);
  return faults;
}

async function pointers(ledger, bucket) {
  const rows = await ledger.rows('SELECT * FROM attrib_propensity_model');
  const faults = [];
  for (const row of rows) {
    const key = `models/${row.source}/${row.goal}/${row.product}/champion.json`;
    const pointer = await bucket.json(key).catch((error) => ({ version: error.name }));
    const same =
      pointer.version === row.version &&
      pointer.epoch === row.champion_epoch &&
      pointer.manifestSha256 === row.manifest_sha256;
    const manifest = `models/${row.source}/${row.goal}/${row.product}/${row.version}/manifest.json`;
    if (!same)
      faults.push(
        `${key}: ${pointer.version} epoch ${pointer.epoch}, not ${row.version} ${row.champion_epoch}`,
      );
    else if ((await hashAt(bucket, manifest)) !== row.manifest_sha256)
      faults.push(`${manifest}: other bytes`);
  }
  return faults;
}

async function epochs(ledger, published) {
  const champions = await ledger.rows('SELECT source, product, champion_epoch FROM attrib_propensity_model');
  const promotions = new Map();
  const nameOf = ({ source, product }) => `${source}/${product}`;
  for (const run of published) promotions.set(nameOf(run), (promotions.get(nameOf(run)) ?? 0) + 1);
  const faults = champions.flatMap((champion) => {
    const { champion_epoch: epoch } = champion;
    const promoted = promotions.get(nameOf(champion)) ?? 0;
    return promoted === epoch ? [] : [`${nameOf(champion)}: epoch ${epoch}, ${promoted} promoted runs`];
  });
  return champions.length === promotions.size ? faults : [...faults, `${champions.length} champions`];
}

/** Every `{key, sha256}` in a stored output. */
async function artefacts(ledger, bucket) {
  const outputs = await ledger.rows(
    "SELECT output FROM factory_stage WHERE status = 'done' AND stage <> 'publisher'",
  );
  const references = new Map();
  for (const { output } of outputs) collect(JSON.parse(output), references);
  const faults = [];
  for (const [key, expected] of references) {
    const found = await hashAt(bucket, key);
    if (found !== expected) faults.push(`${key}: ${found}`);
  }
  return references.size === 0 ? ['no artefact is named in the ledger'] : faults;
}

function collect(value, references) {
  if (typeof value !== 'object' || value === null) return;
  if (typeof value.key === 'string' && typeof value.sha256 === 'string')
    references.set(value.key, value.sha256);
  for (const inner of Object.values(value)) collect(inner, references);
}

async function figures(ledger, runs) {
  const count = async (text) =>
    Object.fromEntries(
      (await ledger.rows(text)).map((row) => Object.values(row)).map(([name, n]) => [name, Number(n)]),
    );
  return {
    runs: runs.length,
    outcomes: await count('SELECT outcome, COUNT(*) FROM factory_run GROUP BY outcome'),
    units: Number(await ledger.value('SELECT COUNT(*) FROM factory_stage')),
    unitsByAttemptsUsed: await count('SELECT attempt, COUNT(*) FROM factory_stage GROUP BY attempt'),
    unitsClaimedMoreThanOnce: Number(
      await ledger.value('SELECT COUNT(*) FROM factory_stage WHERE token > 1'),
    ),
    mostClaimsOfAUnit: Number(await ledger.value('SELECT MAX(token) FROM factory_stage')),
    eventsAnnouncedAgain: Number(await ledger.value('SELECT SUM(generation) FROM factory_event')),
    trials: await count(
      'SELECT status, COUNT(*) FROM agg_propensity_model_train_hyperparameter GROUP BY status',
    ),
    attemptsAllowed: MAX_ATTEMPTS,
  };
}
