import { BadInputError, FactoryError, GRID_NAMES } from '@factory/domain';
import { checkRequest, retrainRequestOf, showRun, type EndedRun, type RunReport } from '@factory/fleet';
import { windowsPicture, type WindowComparison } from '@factory/model';
import type { Command } from 'commander';
import { atLeast, grid, name, product } from '../program/arguments';
import { examples, withJson, type Cli, type DataOptions } from '../program/cli';
import { RunsFailedError } from '../program/exit-codes';
import { renderWindows, windowsSentence } from '../rendering/render-windows';
import { fileTarget } from '../score/write-target';
import { knownSources, sayUncheckedRequest } from '../sources/known-sources';
import { followRuns } from './follow-runs';

interface Options extends DataOptions {
  readonly product: number;
  readonly source?: string;
  readonly goal?: string;
  readonly grid?: (typeof GRID_NAMES)[number];
  readonly start?: string;
  readonly end?: string;
  readonly force?: boolean;
  readonly reason?: string;
  readonly who?: string;
  readonly timeout?: number;
  readonly picture?: string;
}

/** `factory learn`. */
export function addLearn(program: Command, cli: Cli): void {
  withJson(program.command('learn'))
    .summary('find out whether more data or fresher data makes a better model of a product')
    .description(
      'Searches a model on the whole range as a retrain does, trains the winner once more on up to eleven shorter ' +
        'windows, and compares all of them on the same out-of-time rows: a learning curve. Nothing is published. To let ' +
        'retrains choose in this way: `factory policy set PRODUCT window=evidence`. Waits until the run has ended.',
    )
    .requiredOption('--product <id>', 'id of the product', product)
    .option('--source <name>', 'a source of sources.yaml (default: the only source, or main)', name('source'))
    .option('--goal <name>', "a goal of the source (default: the source's default goal)", name('goal'))
    .option('--grid <name>', `${GRID_NAMES.join(', ')} (default: the product's policy)`, grid)
    .option(
      '--start <date>',
      'start of the longest window, UTC: YYYY-MM-DD or "YYYY-MM-DD HH:MM:SS" (default: rangeDays of the policy before the end)',
    )
    .option(
      '--end <date>',
      'last second, UTC, inclusive; a date without a time includes that whole day (default: the last midnight of the source)',
    )
    .option('--force', 'first cancel a run of the product that is in flight')
    .option('--reason <text>', 'why; stored with the request', 'learning curve')
    .option('--who <name>', 'who requests it (default: your operating system account)')
    .option(
      '--timeout <seconds>',
      'longest wait, then exit code 5; at least 1 (default: no limit)',
      atLeast('timeout', 1),
    )
    .option('--picture <file>', 'also draw the curve into this file, as SVG')
    .addHelpText(
      'after',
      examples(
        'factory learn --product 7',
        'factory learn --source shop-de --product 7 --start 2022-01-01 --end 2023-03-31 --picture curve.svg',
      ),
    )
    .action((options: Options) => learn(cli, options));
}

async function learn(cli: Cli, options: Options): Promise<void> {
  cli.servers.require('broker', 'ledger', 'store');
  const { picture } = options;
  const request = retrainRequestOf({ ...options, window: 'curve', until: 'evaluation' }, cli.osUser);
  sayUncheckedRequest(cli, await checkRequest(knownSources(cli), request));
  const { runs } = await followRuns(cli, request, options);
  const report = await reportOf(cli, runs);
  const windows = comparisonOf(report);
  if (picture !== undefined) await draw(picture, windows);
  const { run, source, product: id, goal } = report;
  cli.out.show(
    options.json,
    { run, source, product: id, goal, windows, says: windowsSentence(windows) },
    () => renderWindows(windows, cli.out),
  );
  if (picture !== undefined) cli.out.say(`the curve is in ${picture}`);
}

async function reportOf(cli: Cli, [run]: readonly EndedRun[]): Promise<RunReport> {
  if (!run) throw new FactoryError('no-run', 'the request started no run: the product is not active', false);
  if (run.outcome === 'failed' || run.outcome === 'cancelled') throw new RunsFailedError([run.run]);
  const from = {
    ledger: await cli.servers.ledger(),
    store: () => cli.servers.store(),
    codeVersion: cli.servers.codeVersion,
  };
  return showRun(from, run.run, ({ code, message }) =>
    cli.out.warn(`a part of the run cannot be shown (${code}): ${message}`),
  );
}

const WHY_NOT = new Map([
  ['no-times', 'its source has no visit times'],
  ['no-out-of-time', 'its policy holds no days back: set outOfTimeDays'],
  ['detrended', 'its draw is de-trended: set detrend=false'],
  ['one-window', 'only one window has enough sales: give an earlier --start, or lower minSales'],
]);

/** @throws BadInputError `no-learning-curve` with the reason */
function comparisonOf({ evaluation, window, run, reason, details }: RunReport): WindowComparison {
  if (evaluation?.windows) return evaluation.windows;
  const notCompared = new Map(Object.entries(window ?? {})).get('notCompared');
  const ended = [reason, details?.['message']].filter(Boolean).join(': ');
  throw new BadInputError('no-learning-curve', {
    field: 'run',
    value: run,
    todo:
      WHY_NOT.get(String(notCompared)) ??
      `it ended without one (${ended}); if another run of the product was in flight, ask again, or add --force`,
  });
}

async function draw(file: string, windows: WindowComparison): Promise<void> {
  const target = fileTarget(file);
  await target.write(windowsPicture(windows));
  await target.close();
}
