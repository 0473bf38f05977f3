import type { Command } from 'commander';
import type { Output } from '../rendering/output';
import type { Servers } from '../servers/servers';

/** What every command is given. */
export interface Cli {
  readonly out: Output;
  readonly servers: Servers;
  /** Aborted by Ctrl-C, with the error to end with as its reason. */
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Account of the operating system: who did it, unless --who says otherwise. */
  readonly osUser: string;
}

export interface DataOptions {
  readonly json?: boolean;
}

/** `--json`, for every command that prints data. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON on stdout; messages go to stderr');
}

export interface ChangeOptions {
  readonly who?: string;
  readonly reason?: string;
}

/** `--reason` and `--who`, for every command that changes something. */
export function withChange(command: Command, reasonRequired = false): Command {
  const described = 'why; kept in the audit table';
  return (
    reasonRequired
      ? command.requiredOption('--reason <text>', described)
      : command.option('--reason <text>', described)
  ).option('--who <name>', 'who does it (default: your account of the operating system)');
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
