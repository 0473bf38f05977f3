import { Output, type TextStream } from '../rendering/output';
import { runCli } from '../program/run-cli';
import { Servers, type Environment } from '../servers/servers';
import type { ExitCode } from '../program/exit-codes';

export interface CliResult {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line for a spec like a process, with a separate environment and pipes as streams. */
export function specCli(
  env: Environment,
  signal = new AbortController().signal,
): {
  run(...args: readonly string[]): Promise<CliResult>;
  /** Runs with --json. @returns the content of stdout, which must be JSON and nothing else */
  json<T>(...args: readonly string[]): Promise<T>;
} {
  const run = async (...args: readonly string[]): Promise<CliResult> => {
    const out = collector();
    const err = collector();
    const code = await runCli(args, {
      out: new Output(out, err),
      servers: new Servers(env),
      signal,
      now: () => new Date(),
      osUser: 'ann',
    });
    return { code, stdout: out.text(), stderr: err.text() };
  };
  return {
    run,
    json: async <T>(...args: readonly string[]) => {
      const { code, stdout, stderr } = await run(...args, '--json');
      if (code !== 0) throw new RangeError(`exit code ${code}: ${stderr}`);
      return JSON.parse(stdout) as T;
    },
  };
}

function collector(): TextStream & { text(): string } {
  let all = '';
  return {
    write: (text) => {
      all += text;
      return true;
    },
    text: () => all,
  };
}
