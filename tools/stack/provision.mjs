import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../command.mjs';
import { root } from '../workspace.mjs';

/**
 * Migrates our database and creates streams, consumers and schedules, through the factory's own command.
 *
 * @param {Record<string, string>} env addresses of the stack
 * @param {(line: string) => void} say
 */
export async function provision(env, say) {
  if (!existsSync(join(root, 'apps', 'cli', 'src', 'main.ts'))) return;
  const output = await mustRun(process.execPath, [join(root, 'tools', 'factory.mjs'), 'provision'], {
    cwd: root,
    env: { ...process.env, ...env },
    quiet: true,
    todo: 'The servers run: correct the cause and run stack:up again.',
  });
  say(output.trimEnd());
}
