import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] default: this process's own
 * @property {boolean} [quiet] captures the output instead of passing it through
 * @property {number} [timeoutMs]
 * @property {string} [input] for its standard input
 */

/**
 * Runs a command and waits for its end.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{code: number, output: string}>} output of both streams if quiet; code 127 if the
 *   file can't be started, 128 or more if a signal ended it
 */
export function run(file, args, { cwd, env, quiet = false, timeoutMs, input } = {}) {
  return new Promise((resolve) => {
    const stdin = input === undefined ? 'ignore' : 'pipe';
    const child = spawn(file, args, {
      cwd,
      env: env ?? process.env,
      stdio: quiet ? [stdin, 'pipe', 'pipe'] : [stdin, 'inherit', 'inherit'],
      timeout: timeoutMs,
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.stdin?.end(input);
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 128 : 1), output }));
  });
}

/**
 * Like `run`, but throws on failure, with the end of the output and what to do about it.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {RunOptions & {todo?: string}} [options]
 * @returns {Promise<string>} the output when quiet
 */
export async function mustRun(file, args, { todo, ...options } = {}) {
  const { code, output } = await run(file, args, options);
  if (code === 0) return output;
  const tail = output.trim().split('\n').slice(-15).join('\n');
  throw new Error(
    `${[file, ...args].join(' ')} ended with ${code}${tail ? `:\n${tail}` : ''}${todo ? `\n${todo}` : ''}`,
  );
}

/** Servers are often in folders that are not on a normal user's PATH. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/**
 * Full path of a program, or undefined.
 *
 * @param {string} name
 */
export function programOnPath(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}
