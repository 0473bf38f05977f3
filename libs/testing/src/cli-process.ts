import { FactoryError } from '@factory/domain';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from './repository';

/** The result of a command. */
export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `factory <args>` from its bundle, like a user.
 *
 * @param release root folder of its release
 */
export function runFactoryCli(
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  release = repositoryRoot(),
): Promise<CliRun> {
  return runProgram(process.execPath, [join(release, 'dist', 'apps', 'cli', 'main.cjs'), ...args], {
    ...process.env,
    ...env,
  });
}

/** Runs a program and waits for its end. */
export function runProgram(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<CliRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** @throws FactoryError `program-failed` with its output, unless the exit code is 0 */
export function mustSucceed(what: string, { code, stdout, stderr }: CliRun): string {
  if (code === 0) return stdout;
  throw new FactoryError(
    'program-failed',
    `${what} ended with ${code}:\n${stderr}\n${stdout.slice(-4_000)}`,
    false,
  );
}
