import dockerignore from '@balena/dockerignore';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copiedPaths, DOCKERFILE } from '../packing/dockerfile.mjs';
import { run } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';

const HELP = `node tools/checks/image-context.mjs

Copies what docker/Dockerfile copies, as .dockerignore filters it, and packs every app from the copy: a file that
the images lack fails here, without a Docker engine. Ends with 1 when an app cannot be packed.`;

/** Build outputs and installed files, never part of a build context. */
const NOT_COPIED = new Set(['node_modules', 'dist', '.git', '.nx', '.cache', '.stack']);

/**
 * Copies the build context.
 *
 * @param {string} from
 * @param {string} to
 * @returns {number} files copied
 */
function copyContext(from, to) {
  const filter = dockerignore.default().add(readFileSync(join(from, '.dockerignore'), 'utf8'));
  const copied = [...copiedPaths(from)]
    .flatMap((path) => filesBelow(from, path))
    .filter((path) => !filter.ignores(path));
  for (const path of copied) cpSync(join(from, path), join(to, path));
  return copied.length;
}

/**
 * @param {string} top
 * @param {string} path of a file or folder, from `top`
 * @returns {readonly string[]} paths from `top`
 */
function filesBelow(top, path) {
  const found = statSync(join(top, path), { throwIfNoEntry: false });
  if (!found) throw new Error(`${DOCKERFILE} copies ${path}, which does not exist.`);
  if (!found.isDirectory()) return [path];
  return readdirSync(join(top, path))
    .filter((name) => !NOT_COPIED.has(name))
    .flatMap((name) => filesBelow(top, join(path, name)));
}

async function main() {
  if (process.argv.includes('--help')) return console.log(HELP);
  const context = mkdtempSync(join(tmpdir(), 'image-context-'));
  try {
    const files = copyContext(root, context);
    symlinkSync(join(root, 'node_modules'), join(context, 'node_modules'));
    const apps = readdirSync(join(context, 'apps'));
    for (const app of apps) {
      const { code, output } = await run(process.execPath, [join('tools', 'packing', 'bundle.mjs'), app], {
        cwd: context,
        quiet: true,
      });
      if (code === 0) continue;
      console.error(`${app} cannot be bundled from the files that .dockerignore admits:\n${output}`);
      process.exitCode = 1;
    }
    if (!process.exitCode) console.log(`image context: ${apps.length} apps bundled from ${files} files`);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

await main();
