import { randomUUID } from 'node:crypto';
import { closingRow, renderRows, trainingLine, verdictLines } from './closing-table.mjs';
import { followRuns } from './follow-runs.mjs';
import { realDataIn } from './real-data.mjs';
import { scoreSome } from './score-some.mjs';
import { requestRetrain } from '../sandbox/retrain.mjs';

/**
 * @import { GridName } from '@factory/domain'
 * @import { RetrainRequest } from '../sandbox/retrain.mjs'
 * @import { Sandbox } from '../sandbox/sandbox.mjs'
 * @import { ClosingRow } from './closing-table.mjs'
 * @import { RealData } from './real-data.mjs'
 */

const TIMEOUT_MS = 20 * 60_000;

/**
 * Loads the data, requests models, waits, prints the table, scores.
 *
 * @param {Sandbox} sandbox
 * @param {object} options
 * @param {(line: string) => void} options.say
 * @param {readonly string[]} options.products of the simulated shop, each `id:visits:share of goals`
 * @param {GridName} options.grid
 * @param {string} options.dataFolder where the real data sets are, if present
 * @returns {Promise<ClosingRow[]>}
 */
export async function runDemo(sandbox, { say, products, grid, dataFolder }) {
  say('simulating a shop with three products whose true propensities are known');
  const shop = await sandbox.factory.simulate(
    ...['--reader', 'demo_reader_main', ...products.flatMap((one) => ['--product', one])],
  );
  sandbox.declare(shop);
  const real = realDataIn(dataFolder, say);
  for (const { source, path, title, importArgs } of real) {
    const options = ['--source', source, '--reader', `demo_reader_${source}`, ...importArgs];
    const imported = await sandbox.factory.importFile(path, ...options);
    sandbox.declare(imported);
    say(`imported ${title}: ${imported.rows} rows, ${imported.goals} goals`);
  }

  say('starting five services, each as a separate process');
  await sandbox.startServices();
  const requests = [
    { productId: 0, grid, requestId: randomUUID() },
    ...real.map(({ source, startDate, endDate }) => ({
      ...{ productId: 0, source, startDate, endDate, grid, requestId: randomUUID() },
    })),
  ];
  const runs = await retrain(sandbox, requests, shop.products.length + real.length, say);
  const rows = await closingRows(sandbox, runs);
  console.log(`\n${renderRows(rows)}\n${verdictLines(rows)}\n${trainingLine(rows)}\n`);
  for (const { title, expectation } of real) console.log(`${title}\n  ${expectation}\n`);
  await scoreSome(sandbox, shop, real);
  return rows;
}

/**
 * @param {Sandbox} sandbox
 * @param {readonly RetrainRequest[]} requests
 * @param {number} runs that the requests start
 * @param {(line: string) => void} say
 * @returns {Promise<string[]>} the ended runs
 */
async function retrain(sandbox, requests, runs, say) {
  const { connection, ended } = await followRuns({
    url: sandbox.env.NATS_URL,
    runs,
    timeoutMs: TIMEOUT_MS,
    say,
  });
  try {
    for (const request of requests) {
      say(`publish factory.retrain.requested ${JSON.stringify(request)}`);
      requestRetrain(connection, request);
    }
    return (await ended).map(({ run }) => run);
  } finally {
    await connection.close();
  }
}

/**
 * @param {Sandbox} sandbox
 * @param {readonly string[]} runs
 */
async function closingRows(sandbox, runs) {
  const models = await sandbox.factory.models();
  /** @type {ClosingRow[]} */
  const rows = [];
  for (const run of runs) {
    const model = models.find((one) => one.run === run);
    rows.push(closingRow(await sandbox.factory.showRun(run), model));
  }
  return rows.sort((a, b) => a.source.localeCompare(b.source) || a.product - b.product);
}
