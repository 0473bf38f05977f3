import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';

/**
 * Migrates our database and creates streams, consumers and schedules, with the `factory` command.
 *
 * @param {NodeJS.ProcessEnv} env addresses of the stack
 * @param {(line: string) => void} say
 * @param {{file: string, env: NodeJS.ProcessEnv}} runtime the Node.js that runs it, with its environment
 */
export async function provision(env, say, runtime = { file: process.execPath, env: process.env }) {
  if (!existsSync(join(root, 'apps', 'cli', 'src', 'main.ts'))) return;
  const output = await mustRun(runtime.file, [join(root, 'tools', 'factory.mjs'), 'provision'], {
    cwd: root,
    env: { ...runtime.env, ...env },
    quiet: true,
    todo: 'The servers run: correct the cause and run stack:up again.',
  });
  say(output.trimEnd());
}
