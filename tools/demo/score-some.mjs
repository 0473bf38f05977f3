import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { simulatedVisits } from './simulated-visits.mjs';

/**
 * @import { SimulatedShop } from '../sandbox/factory-command.mjs'
 * @import { Sandbox } from '../sandbox/sandbox.mjs'
 * @import { RealData } from './real-data.mjs'
 */

const VISITS_TO_SCORE = 5;

/**
 * Scores a few visits of the simulated shop and of each real file from the published bundles.
 *
 * @param {Sandbox} sandbox
 * @param {SimulatedShop} shop
 * @param {readonly (RealData & {path: string})[]} real
 */
export async function scoreSome(sandbox, shop, real) {
  for (const { id } of shop.products.slice(0, 1)) {
    const visits = await simulatedVisits(sandbox.env.SOURCE_ADMIN_URL, shop, id, VISITS_TO_SCORE);
    await scoreFile(sandbox, 'visits.json', JSON.stringify(visits), { source: 'main', product: id });
  }
  for (const { source, path } of real)
    await scoreFile(sandbox, `${source}.csv`, firstLines(path, VISITS_TO_SCORE + 1), { source, product: 1 });
  console.log('');
}

/**
 * @param {Sandbox} sandbox
 * @param {string} name of the file
 * @param {string} content
 * @param {{source: string, product: number}} model
 */
async function scoreFile(sandbox, name, content, model) {
  const file = join(sandbox.folder, name);
  writeFileSync(file, content);
  const scored = await sandbox.factory.score(file, model);
  console.log(`factory score ${name} --source ${model.source} --product ${model.product}`);
  for (const { probability, percentile } of scored)
    console.log(
      `  probability ${(100 * probability).toFixed(3).padStart(7)} %   percentile ${percentile.toFixed(1)}`,
    );
}

/**
 * @param {string} path plain, or gzipped with the extension `.gz`
 * @param {number} lines
 */
function firstLines(path, lines) {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return `${text.split('\n').slice(0, lines).join('\n')}\n`;
}
