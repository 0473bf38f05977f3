import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { closingRow, renderRows, trainingLine } from './closing-table.mjs';
import { followRuns, requestRetrain } from './follow-runs.mjs';
import { realDataIn } from './real-data.mjs';
import { simulatedVisits } from './simulated-visits.mjs';

const TIMEOUT_MS = 20 * 60_000;
const VISITS_TO_SCORE = 5;

/** Loads the data, asks for models, waits, prints the table, scores. @returns rows of the closing table */
export async function runDemo(sandbox, { say, products, grid, dataFolder }) {
  say('simulating a shop with three products whose true propensities are known');
  const shop = await sandbox.factoryJson(
    ...['simulate', '--reader', 'demo_reader_main', ...products.flatMap((one) => ['--product', one])],
  );
  sandbox.declare(shop);
  const real = realDataIn(dataFolder, say);
  for (const { source, path, title, importArgs } of real) {
    const imported = await sandbox.factoryJson(
      ...['import', path, '--source', source, '--reader', `demo_reader_${source}`, ...importArgs],
    );
    sandbox.declare(imported);
    say(`imported ${title}: ${imported.rows} rows, ${imported.goals} goals`);
  }

  say('starting five services, each a process of its own');
  await sandbox.startServices();
  const runs = shop.products.length + real.length;
  const { connection, ended } = await followRuns({
    url: sandbox.env.NATS_URL,
    runs,
    timeoutMs: TIMEOUT_MS,
    say,
  });
  const requests = [
    { productId: 0, grid, requestId: randomUUID() },
    ...real.map(({ source, startDate, endDate }) => ({
      ...{ productId: 0, source, startDate, endDate, grid, requestId: randomUUID() },
    })),
  ];
  for (const request of requests) {
    say(`publish factory.retrain.requested ${JSON.stringify(request)}`);
    await requestRetrain(connection, request);
  }
  const finished = await ended;
  await connection.close();

  const models = await sandbox.factoryJson('models');
  const rows = [];
  for (const { run } of finished) {
    const shown = await sandbox.factoryJson('runs', 'show', run);
    rows.push(
      closingRow(
        shown,
        models.find((model) => model.run === run),
      ),
    );
  }
  rows.sort((a, b) => a.source.localeCompare(b.source) || a.product - b.product);
  console.log(`\n${renderRows(rows)}\n${trainingLine(rows)}\n`);
  for (const { title, expectation } of real) console.log(`${title}\n  ${expectation}\n`);
  await scoreSome(sandbox, shop, real);
  return rows;
}

/** Scores a few visits of the simulated shop and of each real file from the published bundles. */
async function scoreSome(sandbox, shop, real) {
  const [first] = shop.products;
  const samples = [
    {
      source: 'main',
      product: first.id,
      name: 'visits.json',
      body: JSON.stringify(
        await simulatedVisits(sandbox.env.SOURCE_ADMIN_URL, shop, first.id, VISITS_TO_SCORE),
      ),
    },
    ...real.map(({ source, path }) => ({
      ...{ source, product: 1, name: `${source}.csv`, body: firstLines(path, VISITS_TO_SCORE + 1) },
    })),
  ];
  for (const { source, product, name, body } of samples) {
    const file = join(sandbox.folder, name);
    writeFileSync(file, body);
    const scored = await sandbox.factoryJson('score', file, '--source', source, '--product', String(product));
    const list = Array.isArray(scored) ? scored : scored.rows;
    console.log(`factory score ${name} --source ${source} --product ${product}`);
    for (const { probability, percentile } of list)
      console.log(
        `  probability ${(100 * probability).toFixed(3).padStart(7)} %   percentile ${percentile.toFixed(1)}`,
      );
  }
  console.log('');
}

function firstLines(path, lines) {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return `${text.split('\n').slice(0, lines).join('\n')}\n`;
}
