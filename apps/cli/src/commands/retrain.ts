import { RETRAIN_SUBJECT } from '@factory/contracts';
import { BadInputError, GRID_NAMES, UNTIL } from '@factory/domain';
import {
  checkRequest,
  failedRuns,
  publishRequest,
  retrainRequestOf,
  skippedRuns,
  type EndedRun,
  type OutgoingRequest,
  type RetrainOptions,
} from '@factory/fleet';
import type { RunStanding } from '@factory/ledger';
import type { Command } from 'commander';
import { atLeast, collect, grid, name, productOrAll, until, windowChoice } from '../program/arguments';
import { examples, withJson, type Cli, type DataOptions } from '../program/cli';
import { RunsFailedError, RunsSkippedError } from '../program/exit-codes';
import { figure, shortId } from '../rendering/format';
import { renderTable } from '../rendering/table';
import { windowNote, windowText } from '../rendering/training-window';
import { knownSources, sayUncheckedRequest } from '../sources/known-sources';
import { followRuns, told } from './follow-runs';

interface Options extends RetrainOptions, DataOptions {
  readonly wait?: boolean;
  readonly timeout?: number;
}

/** `factory retrain`. */
export function addRetrain(program: Command, cli: Cli): void {
  withJson(program.command('retrain'))
    .summary('request new models; with --wait, follow the runs until they end')
    .description(
      `Publishes ${RETRAIN_SUBJECT}, like the scheduler or any other client. For a product with a run ` +
        'in flight, no second run starts. A repeated request with the same --request-id starts nothing either.',
    )
    .option('--product <id>', 'id of a product, or 0 for every active product', productOrAll, 0)
    .option('--source <name>', 'a source of sources.yaml (default: the only source, or main)', name('source'))
    .option('--goal <name>', "a goal of the source (default: the source's default goal)", name('goal'))
    .option('--grid <name>', `${GRID_NAMES.join(', ')} (default: the product's policy)`, grid)
    .option(
      '--start <date>',
      'earliest start, UTC: YYYY-MM-DD or "YYYY-MM-DD HH:MM:SS"; the window may start later, see --window (default: rangeDays of the policy before the end)',
    )
    .option(
      '--window <rule>',
      'volume: train on the latest part with enough sales; all: on the whole range; evidence: train up to four windows and take the best (default: the policy)',
      windowChoice,
    )
    .option(
      '--end <date>',
      'last second, UTC, inclusive; a date without a time includes that whole day (default: the last midnight of the source)',
    )
    .option('--seed <text>', 'seed of the draw of visits, any text (default: fixed per product)')
    .option(
      '--until <stage>',
      `end after ${UNTIL.join(', ')}; nothing is published (default: to the end)`,
      until,
    )
    .option(
      '--overrule <check>',
      'a check that does not stop this run, as CHECK or CHECK:COLUMN, with --product and --reason; repeatable',
      collect,
    )
    .option('--force', 'first cancel a run of the product that is in flight')
    .option('--reason <text>', 'why; stored with the request')
    .option('--who <name>', 'who requests it (default: your operating system account)')
    .option('--request-id <id>', 'id that makes repeating the request safe (default: a new id)')
    .option('--wait', 'wait until every run has ended; exit code 4 if one failed, 6 if all were skipped')
    .option(
      '--timeout <seconds>',
      'with --wait: longest wait, then exit code 5; at least 1 (default: no limit)',
      atLeast('timeout', 1),
    )
    .addHelpText(
      'after',
      examples(
        'factory retrain --wait',
        'factory retrain --product 7 --grid full --reason "new feature table" --wait --timeout 3600',
        'factory retrain --product 7 --overrule rows-low --overrule shift:age --reason "the campaign has ended"',
        'factory retrain --product 7 --start 2022-01-01 --end 2024-02-29 --window all --wait',
        'factory retrain --source shop-de --start 2023-01-01 --end 2023-03-31 --until evaluation --json',
      ),
    )
    .action(async (options: Options) => {
      if (options.timeout !== undefined && !options.wait)
        throw new BadInputError('timeout-without-wait', {
          field: 'timeout',
          value: options.timeout,
          todo: 'add --wait, or leave --timeout out',
        });
      cli.servers.require('broker', ...(options.wait ? (['ledger'] as const) : []));
      const request = retrainRequestOf(options, cli.osUser);
      sayUncheckedRequest(cli, await checkRequest(knownSources(cli), request));
      await (options.wait ? publishAndWait(cli, request, options) : publishOnly(cli, request, options));
    });
}

async function publishOnly(cli: Cli, request: OutgoingRequest, options: Options): Promise<void> {
  const published = await publishRequest(await cli.servers.broker(), request);
  cli.out.show(options.json, { requestId: request.requestId, request, published }, () =>
    told(published, request),
  );
  if (!options.json) cli.out.say(`follow it with \`factory runs --request ${request.requestId}\``);
}

async function publishAndWait(cli: Cli, request: OutgoingRequest, options: Options): Promise<void> {
  const { requestId } = request;
  const { published, runs, leftOut } = await followRuns(cli, request, options);
  cli.out.show(options.json, { requestId, published, runs, leftOut }, () => table(cli, runs));
  const failed = failedRuns(runs);
  if (failed.length > 0) throw new RunsFailedError(failed.map((run) => run.run));
  if (skippedRuns(runs).length === runs.length) throw new RunsSkippedError(runs.map(reasonOf));
}

function reasonOf(run: RunStanding): string {
  return [run.reason, run.details?.['message']].filter(Boolean).join(': ');
}

function table(cli: Cli, runs: readonly EndedRun[]): string {
  if (runs.length === 0) return 'the request started no run: no product is active';
  const rendered = renderTable<EndedRun>(
    [
      { title: 'run', of: (run) => shortId(run.run) },
      { title: 'source', of: (run) => run.source },
      { title: 'product', of: (run) => String(run.product), align: 'right' },
      { title: 'goal', of: (run) => run.goal },
      {
        title: 'outcome',
        of: (run) => run.outcome ?? '',
        paint: (text, run) => cli.out.paint(failedRuns([run]).length > 0 ? 'red' : 'green', text),
      },
      { title: 'trials', of: (run) => String(run.trialsSettled), align: 'right' },
      { title: 'best log-loss', of: (run) => figure(run.best, 5), align: 'right' },
      { title: 'trained on', of: (run) => windowText(run.window ?? undefined) },
      { title: 'reason', of: reasonOf, flexible: true },
    ],
    runs,
    { width: cli.out.width },
  );
  const windows = runs.flatMap(({ window }) => window ?? []);
  const note = windowNote(windows, policyOf(runs));
  return note ? `${rendered}\n\n${note}` : rendered;
}

/** The product whose policy to change; PRODUCT if several have runs. */
function policyOf(runs: readonly RunStanding[]): string {
  const [first, ...more] = runs;
  if (!first) return 'PRODUCT';
  const isOne = more.every((one) => one.source === first.source && one.goal === first.goal);
  return `${more.length === 0 ? first.product : 'PRODUCT'}${isOne ? ` --source ${first.source} --goal ${first.goal}` : ''}`;
}
