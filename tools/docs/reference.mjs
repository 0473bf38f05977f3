import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';
import { errorCodes } from './error-codes.mjs';
import { loadFacts } from './facts.mjs';
import { fieldDocs } from './field-docs.mjs';
import { GENERATED_BY, paragraphs } from './markdown.mjs';
import { bundlePage } from './pages/bundle.mjs';
import { cliPage } from './pages/cli.mjs';
import { configurationPage } from './pages/configuration.mjs';
import { errorCodesPage } from './pages/error-codes.mjs';
import { exitCodesPage } from './pages/exit-codes.mjs';
import { messagesPage } from './pages/messages.mjs';
import { metricsPage } from './pages/metrics.mjs';
import { policyPage } from './pages/policy.mjs';
import { selfTestFaults } from './self-test.mjs';
import { serviceMetrics } from './service-metrics.mjs';
import { sourceProgram } from './source-program.mjs';

const HELP = `node tools/docs/reference.mjs [--check]

Writes docs/reference from the code: command line, exit codes, configuration, policy, messages, bundle, metrics, error
codes. --check: ends with 1 when a page is not what the code says, and when a planted difference is not found.`;

const FOLDER = join('docs', 'reference');

/** Pages by file name, each made of what the code says. */
const PAGES = {
  'cli.md': cliPage,
  'exit-codes.md': exitCodesPage,
  'configuration.md': configurationPage,
  'policy.md': policyPage,
  'messages.md': messagesPage,
  'bundle.md': bundlePage,
  'metrics.md': metricsPage,
  'error-codes.md': errorCodesPage,
};

/** Everything that the pages are made of. */
async function readCode() {
  const program = sourceProgram();
  /** @type {Map<string, Map<string, string>>} */
  const known = new Map();
  const docs = (/** @type {string} */ type) => {
    const found = known.get(type) ?? fieldDocs(program, type);
    known.set(type, found);
    return found;
  };
  return {
    facts: await loadFacts(),
    docs,
    errors: errorCodes(program),
    metrics: serviceMetrics(program),
  };
}

/**
 * @param {Awaited<ReturnType<typeof readCode>>} about
 * @returns {Map<string, string>} pages by file name
 */
function renderPages(about) {
  return new Map(
    Object.entries(PAGES).map(([file, page]) => [
      file,
      `${paragraphs(GENERATED_BY('node tools/docs/reference.mjs'), page(about))}\n`,
    ]),
  );
}

/** What is in docs/reference. @returns {Map<string, string>} */
function pagesThere() {
  const folder = join(root, FOLDER);
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

/**
 * @param {ReadonlyMap<string, string>} wanted
 * @param {ReadonlyMap<string, string>} there
 * @returns {string[]} a line for each page that is not as it should be
 */
export function differences(wanted, there) {
  const files = new Set([...wanted.keys(), ...there.keys()]);
  return [...files].sort().flatMap((file) => {
    const [want, have] = [wanted.get(file), there.get(file)];
    if (want === have) return [];
    if (want === undefined) return [`${file}: not made by tools/docs: move it elsewhere`];
    if (have === undefined) return [`${file}: is missing`];
    const lines = have.split('\n');
    const at = want.split('\n').findIndex((line, number) => line !== lines[number]);
    return [`${file}:${at + 1}: is not what the code says: ${want.split('\n')[at] ?? 'too long'}`];
  });
}

async function main() {
  if (process.argv.includes('--help')) return console.log(HELP);
  const about = await readCode();
  const pages = renderPages(about);
  if (!process.argv.includes('--check')) {
    mkdirSync(join(root, FOLDER), { recursive: true });
    for (const [file, text] of pages) writeFileSync(join(root, FOLDER, file), text);
    return console.log(`${pages.size} pages in ${FOLDER}`);
  }
  const stale = differences(pages, pagesThere()).map((fault) => `${FOLDER}/${fault}`);
  const missed = selfTestFaults(about, pages, { renderPages, differences });
  for (const fault of [...stale, ...missed]) console.error(fault);
  if (stale.length > 0) console.error('run `node tools/docs/reference.mjs` and commit what it writes');
  if (stale.length + missed.length > 0) process.exitCode = 1;
}

await main();
