import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Start time of a process in the system's format: together with the pid it identifies a process, even if the
 * pid is reused. Undefined if there is none, or only a zombie.
 *
 * @param {number} pid
 * @returns {string | undefined}
 */
export function startOf(pid) {
  if (existsSync('/proc/self/stat')) {
    let stat;
    try {
      stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    } catch {
      return undefined;
    }
    // The program's name is in parentheses and may contain spaces: fields are counted after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  }
  const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const [status, ...start] = (stdout ?? '').trim().split(/\s+/);
  return status && !status.startsWith('Z') ? start.join(' ') : undefined;
}

/**
 * Identifies one process, even if its pid is reused.
 *
 * @typedef {{pid: number, start: string | undefined}} Started `start`: start time in the system's format
 */

/**
 * True while the started process lives; false once it has ended, even if another process has its pid.
 *
 * @param {Started | undefined} started
 * @returns {started is Started}
 */
export function isAlive(started) {
  return started !== undefined && startOf(started.pid) === started.start;
}

/**
 * Starts a server that outlives this process.
 *
 * @param {{file: string, args: readonly string[], cwd: string, log: string, env?: NodeJS.ProcessEnv}} command
 * @returns {Promise<Started>}
 */
export async function startDetached({ file, args, cwd, log, env }) {
  const output = openSync(log, 'a');
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  await new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(undefined));
    child.once('error', (error) => reject(new Error(`${file} does not start: ${error.message}`)));
  });
  child.unref();
  const pid = child.pid ?? 0;
  return { pid, start: startOf(pid) };
}

/**
 * Sends a signal and waits until the process has ended; SIGKILL follows after `graceMs`.
 *
 * @param {Started | undefined} started
 * @param {NodeJS.Signals} [signal]
 * @param {number} [graceMs]
 */
export async function endProcess(started, signal = 'SIGTERM', graceMs = 30_000) {
  if (!isAlive(started)) return;
  process.kill(started.pid, signal);
  const deadline = performance.now() + graceMs;
  while (isAlive(started)) {
    if (performance.now() > deadline) {
      process.kill(started.pid, 'SIGKILL');
      while (isAlive(started)) await sleep(20);
      return;
    }
    await sleep(20);
  }
}

/**
 * The last lines of a log, for error messages.
 *
 * @param {string} log path
 */
export function tailOf(log, lines = 25) {
  return existsSync(log)
    ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
    : '(no log)';
}
