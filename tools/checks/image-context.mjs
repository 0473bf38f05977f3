import dockerignore from '@balena/dockerignore';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';

const HELP = `node tools/checks/image-context.mjs

Copies what docker/Dockerfile copies, as .dockerignore filters it, and packs every app from the copy: a file that
the images lack fails here, without a Docker engine. Ends with 1 when an app cannot be packed.`;

/** Built or installed, never part of a build context. */
const NOT_COPIED = new Set(['node_modules', 'dist', '.git', '.nx', '.cache', '.stack']);

/** Folders and files that the Dockerfile's first stage copies from the context. */
function copiedPaths(dockerfile) {
  const firstStage = dockerfile.replaceAll(/\\\n\s*/g, ' ').split(/^FROM /m)[1] ?? '';
  return [...firstStage.matchAll(/^COPY (?!--from)(.*)$/gm)].flatMap(([, words]) =>
    words.trim().split(/\s+/).slice(0, -1),
  );
}

/** Copies the build context into `to`. @returns the number of files */
function copyContext(from, to) {
  const filter = dockerignore().add(readFileSync(join(from, '.dockerignore'), 'utf8'));
  const wanted = copiedPaths(readFileSync(join(from, 'docker', 'Dockerfile'), 'utf8'));
  let files = 0;
  const copy = (path) => {
    for (const entry of readdirSync(join(from, path), { withFileTypes: true })) {
      if (NOT_COPIED.has(entry.name)) continue;
      const inner = join(path, entry.name);
      if (entry.isDirectory()) copy(inner);
      else copyFile(inner);
    }
  };
  const copyFile = (path) => {
    if (filter.ignores(path)) return;
    cpSync(join(from, path), join(to, path));
    files++;
  };
  for (const path of new Set(wanted)) {
    const found = statSync(join(from, path), { throwIfNoEntry: false });
    if (!found) throw new Error(`docker/Dockerfile copies ${path}, which does not exist.`);
    if (found.isDirectory()) copy(path);
    else copyFile(path);
  }
  return files;
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
      console.error(`${app} cannot be packed from what .dockerignore lets through:\n${output}`);
      process.exitCode = 1;
    }
    if (!process.exitCode) console.log(`image context: ${apps.length} apps packed from ${files} files`);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

await main();
