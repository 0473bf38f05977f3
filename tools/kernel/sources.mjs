import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../workspace/root.mjs';

/** The kernel in C. */
export const SOURCES = join(root, 'libs', 'training-kernel', 'c');

/**
 * Whether a program is newer than all of its sources and the tool that builds it.
 *
 * @param {string} program
 * @param {string} tool its `import.meta.url`
 */
export function isFresh(program, tool) {
  if (!existsSync(program)) return false;
  const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).map((file) =>
    join(SOURCES, file),
  );
  const made = statSync(program).mtimeMs;
  return [...sources, fileURLToPath(tool)].every((file) => statSync(file).mtimeMs < made);
}
