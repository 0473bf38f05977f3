import type { Command } from 'commander';
import type { Output } from '../rendering/output';
import type { Servers } from '../servers/servers';

/** Passed to every command. */
export interface Cli {
  readonly out: Output;
  readonly servers: Servers;
  /** Aborted by Ctrl-C; its reason is the error to exit with. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Operating system account: who did it, unless --who is given. */
  readonly osUser: string;
}

export interface DataOptions {
  readonly json?: boolean;
}

/** Adds `--json` to a command that prints data. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON on stdout; messages go to stderr');
}

export interface ChangeOptions {
  readonly who?: string;
  readonly reason?: string;
}

/** Adds `--reason` and `--who` to a command that changes something. */
export function withChange(command: Command, reasonRequired = false): Command {
  const described = 'why; stored in the audit table';
  return (
    reasonRequired
      ? command.requiredOption('--reason <text>', described)
      : command.option('--reason <text>', described)
  ).option('--who <name>', 'who does it (default: your operating system account)');
}

/** Who changes something and why, for the audit table. */
export function changeOf(
  cli: Cli,
  options: ChangeOptions,
  fallback: string,
): { who: string; reason: string } {
  return { who: options.who ?? cli.osUser, reason: options.reason ?? fallback };
}

/** Text shown below the options of `--help`. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
