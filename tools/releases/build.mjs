import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { messageOf } from '../workspace/error-message.mjs';
import { root } from '../workspace/root.mjs';
import { makeNextRelease } from './next-release.mjs';
import { git, recordedRelease, requireCommit } from './recorded.mjs';
import { checkoutHash, linkBuilt, writeCheckout, writeCommit } from './source-tree.mjs';

const HELP = `node tools/releases/build.mjs [--next | --version VERSION | --commit COMMIT]

Packs all apps of another release into .cache/releases and prints the folder (dist/apps/<app>/main.cjs in it): by
default of the last release of releases.json, from history. --next: of this checkout as it is, changed into
a release that knows one more policy field and writes messages of the next version (tools/releases/next-release.mjs).
An existing build is reused. Packages are those that are installed in this checkout.`;

const CACHE = join(root, '.cache', 'releases');
const KEPT_MS = 7 * 86_400_000;

/**
 * Bundles the apps of one release.
 *
 * @param {string} name of its folder: the same name means the same bytes
 * @param {(tree: string) => void | Promise<void>} writeSources
 * @returns {Promise<string>} the release's folder
 */
async function build(name, writeSources) {
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const tree = mkdtempSync(join(CACHE, `.${name}-`));
  try {
    await writeSources(tree);
    linkBuilt(tree);
    // With its own bundler, which belongs to its sources.
    const { bundle } = await import(pathToFileURL(join(tree, 'tools', 'packing', 'bundle.mjs')).href);
    const apps = readdirSync(join(tree, 'apps')).filter((app) =>
      existsSync(join(tree, 'apps', app, 'src', 'main.ts')),
    );
    for (const app of apps) await bundle(app);
    // Atomic; if another process was faster, its result is the same.
    if (!existsSync(folder)) renameSync(tree, folder);
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
  return folder;
}

/** @param {string} commit */
async function buildCommit(commit) {
  await requireCommit(commit);
  const { output } = await git('rev-parse', `${commit}^{commit}`);
  return build(output.trim(), (tree) => writeCommit(commit, tree));
}

/** Every change of a source makes another build: builds older than a week are deleted. */
function forgetOld() {
  if (!existsSync(CACHE)) return;
  for (const name of readdirSync(CACHE)) {
    const folder = join(CACHE, name);
    if (Date.now() - statSync(folder).mtimeMs > KEPT_MS) rmSync(folder, { recursive: true, force: true });
  }
}

function buildNext() {
  return build(`next-${checkoutHash().slice(0, 16)}`, (tree) => {
    writeCheckout(tree);
    makeNextRelease(tree);
  });
}

async function main() {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean' },
      next: { type: 'boolean' },
      version: { type: 'string' },
      commit: { type: 'string' },
    },
  });
  if (values.help) return console.log(HELP);
  forgetOld();
  const folder = values.next
    ? await buildNext()
    : await buildCommit(values.commit ?? recordedRelease(values.version).commit);
  console.log(folder);
}

await main().catch((error) => {
  console.error(messageOf(error));
  process.exitCode = 1;
});
