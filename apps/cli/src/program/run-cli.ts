import { Command, CommanderError } from 'commander';
import { FactoryError, codeOf, messageOf } from '@factory/domain';
import { explainBrokerError } from '@factory/messaging';
import type { Cli } from './cli';
import { addCancel } from '../commands/cancel';
import { addDead } from '../commands/dead';
import { addGrants } from '../commands/grants';
import { addImport } from '../commands/import';
import { addLearn } from '../commands/learn';
import { addModelState } from '../commands/model-state';
import { addModels } from '../commands/models';
import { addProfile } from '../commands/profile';
import { addPolicy } from '../commands/policy';
import { addPromote } from '../commands/promote';
import { addProvision } from '../commands/provision';
import { addRetrain } from '../commands/retrain';
import { addRollback } from '../commands/rollback';
import { addRules } from '../commands/rules';
import { addRuns } from '../commands/runs';
import { addScore } from '../commands/score';
import { addSimulate } from '../commands/simulate';
import { EXIT, EXIT_CODES_HELP, exitCodeOf, type ExitCode } from './exit-codes';

const CONFIGURATION_HELP = `Configuration comes from environment variables only:
  FACTORY_DATABASE_URL   the ledger: mysql://user:password@host:port/database
  NATS_URL               nats://host:port
  S3_ENDPOINT S3_REGION S3_ACCESS_KEY_ID S3_SECRET_ACCESS_KEY S3_BUCKET S3_PREFIX
  SOURCES_FILE           file in which sources are declared (default sources.yaml)
  RULES_FILE             rules show: file with the rules that differ from the defaults
  SOURCE_CONNECTIONS_FILE   file or folder with the sources' connection strings, instead of one variable for each
  SOURCE_ADMIN_URL       import and simulate: connection string of an account that may create databases
  TRAINER_POOLS          provision: further trainer pools, comma-separated
Each command needs only the variables of the servers that it uses.`;

const INTERRUPT_GRACE_MS = 300;

const COMMANDS = [
  addImport,
  addSimulate,
  addProvision,
  addRetrain,
  addLearn,
  addRuns,
  addCancel,
  addModels,
  addProfile,
  addPolicy,
  addRules,
  addScore,
  addRollback,
  addPromote,
  addModelState,
  addDead,
  addGrants,
];

/** The whole command line as one parser. */
export function buildProgram(cli: Cli): Command {
  const program = new Command('factory')
    .description(
      'Keeps one propensity model per product up to date: import, retrain, inspect, score, roll back.',
    )
    // Both `runs` and `runs show` have --json: an option belongs to the command before it.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => cli.out.stdout.write(text),
      writeErr: (text) => cli.out.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError('(add --help for usage and examples)')
    .addHelpText('after', `\n${CONFIGURATION_HELP}\n\n${EXIT_CODES_HELP}`);
  for (const add of COMMANDS) add(program, cli);
  return program;
}

/**
 * Runs one command and closes the connections that it opened.
 *
 * @param args the words after `factory`
 */
export async function runCli(args: readonly string[], cli: Cli): Promise<ExitCode> {
  let stop = (): void => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    // A waiting command handles the interrupt itself, and says what continues without it.
    stop = () => {
      setTimeout(() => reject(cli.signal.reason as Error), INTERRUPT_GRACE_MS).unref();
    };
    if (cli.signal.aborted) stop();
    else cli.signal.addEventListener('abort', stop, { once: true });
  });
  interrupted.catch(() => undefined);
  try {
    await Promise.race([buildProgram(cli).parseAsync([...args], { from: 'user' }), interrupted]);
    return EXIT.ok;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.badInput;
    const error = explainBrokerError(thrown);
    reportError(cli, error);
    return exitCodeOf(error);
  } finally {
    cli.signal.removeEventListener('abort', stop);
    await cli.servers.close();
  }
}

function reportError(cli: Cli, thrown: unknown): void {
  const { out } = cli;
  const title = out.style(out.stderr, 'red', 'error');
  if (thrown instanceof FactoryError) return out.say(`${title} (${codeOf(thrown)}): ${messageOf(thrown)}`);
  out.say(
    `${title}, unexpected: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`,
  );
}
