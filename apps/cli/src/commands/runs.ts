import { listRuns, resumeRun, showRun, type ListedRun } from '@factory/fleet';
import type { Command } from 'commander';
import { atLeast, name, product } from '../program/arguments';
import {
  changeOf,
  examples,
  withChange,
  withJson,
  type ChangeOptions,
  type Cli,
  type DataOptions,
} from '../program/cli';
import { duration, instant, secondsBetween, shortId, unreadableNote } from '../rendering/format';
import { warnOfLeftOut } from '../rendering/left-out';
import { renderRun } from '../rendering/render-run';
import { sourceWaitLine, waitText } from '../rendering/source-wait';
import { renderTable } from '../rendering/table';
import { fleetAccess } from '../servers/fleet-access';

interface ListOptions extends DataOptions {
  readonly source?: string;
  readonly product?: number;
  readonly goal?: string;
  readonly active?: boolean;
  readonly request?: string;
  readonly limit: number;
}

/** `factory runs`, `factory runs show` and `factory runs resume`. */
export function addRuns(program: Command, cli: Cli): void {
  const runs = withJson(program.command('runs'))
    .enablePositionalOptions()
    .summary('list runs; show or resume one')
    .description('Lists runs, latest first. A run can be identified by a unique prefix of its id.')
    .option('--source <name>', 'only this source', name('source'))
    .option('--product <id>', 'only this product', product)
    .option('--goal <name>', 'only this goal', name('goal'))
    .option('--active', 'only runs in flight')
    .option('--request <id>', 'only runs that answer this request')
    .option('--limit <n>', 'maximum number of runs to list, at least 1', atLeast('limit', 1), 50)
    .addHelpText(
      'after',
      examples(
        'factory runs --active',
        'factory runs --request nightly-7 --json',
        'factory runs show 3f2a91c0',
      ),
    )
    .action((options: ListOptions) => list(cli, options));
  withJson(runs.command('show <run>'))
    .description(
      'Shows what happened to a run: each stage with its times, the control overhead between stages, window ' +
        'candidates, trials, the figures of candidate and champion, and the verdict with its reasons.',
    )
    .addHelpText('after', examples('factory runs show 3f2a91c0', 'factory runs show 3f2a91c0 --json'))
    .action((run: string, options: DataOptions) => show(cli, run, options));
  withChange(withJson(runs.command('resume <run>')))
    .description('Resumes a failed or cancelled run from the stage that was not done, with fresh attempts.')
    .addHelpText('after', examples('factory runs resume 3f2a91c0 --reason "disk is free again"'))
    .action((run: string, options: DataOptions & ChangeOptions) => resume(cli, run, options));
}

async function list(cli: Cli, options: ListOptions): Promise<void> {
  const { request, ...rest } = options;
  const filter = { ...rest, ...(request === undefined ? {} : { requestKey: request }) };
  const { runs, waiting, requestWaits, leftOut } = await listRuns(
    await cli.servers.ledger(),
    filter,
    cli.servers.codeVersion,
  );
  warnOfLeftOut(cli, leftOut);
  cli.out.show(options.json, runs, () =>
    [
      ...(runs.length > 0 ? [table(cli, runs)] : requestWaits ? [] : ['no such run']),
      ...(requestWaits ? [`request ${request} is waiting: ${waitText(requestWaits)}`] : []),
      ...waiting.map(sourceWaitLine),
    ].join('\n'),
  );
}

function table(cli: Cli, found: readonly ListedRun[]): string {
  const took = (run: ListedRun): number | null => secondsBetween(run.createdAt, run.finishedAt ?? cli.now());
  return renderTable<ListedRun>(
    [
      { title: 'run', of: (run) => shortId(run.run) },
      { title: 'source', of: (run) => run.source },
      { title: 'product', of: (run) => String(run.product), align: 'right' },
      { title: 'goal', of: (run) => run.goal },
      { title: 'grid', of: (run) => run.grid },
      { title: 'stage', of: (run) => run.stage },
      {
        title: 'outcome',
        of: (run) => run.outcome ?? (run.waiting ? 'waiting' : 'in flight'),
        paint: (text, run) =>
          run.outcome === 'failed' || run.outcome === 'cancelled' ? cli.out.paint('red', text) : text,
      },
      { title: 'started (UTC)', of: (run) => instant(run.createdAt) },
      { title: 'time', of: (run) => duration(took(run)), align: 'right' },
      {
        title: 'reason',
        of: (run) => [unreadableNote(run), run.reason].filter(Boolean).join('; '),
        flexible: true,
      },
    ],
    found,
    { width: cli.out.width },
  );
}

async function show(cli: Cli, run: string, options: DataOptions): Promise<void> {
  const from = {
    ledger: await cli.servers.ledger(),
    store: () => cli.servers.store(),
    codeVersion: cli.servers.codeVersion,
  };
  const report = await showRun(from, run, ({ code, message }) =>
    cli.out.warn(`a part of the run cannot be shown (${code}): ${message}`),
  );
  cli.out.show(options.json, report, () => renderRun(report, cli.out));
}

async function resume(cli: Cli, prefix: string, options: DataOptions & ChangeOptions): Promise<void> {
  cli.servers.require('ledger', 'broker');
  const resumed = await resumeRun(
    await fleetAccess(cli),
    prefix,
    changeOf(cli, options, 'factory runs resume'),
  );
  const { run, events } = resumed;
  cli.out.show(
    options.json,
    resumed,
    () => `run ${shortId(run)} resumed: ${events.map(({ event, shard }) => `${event} ${shard}`).join(', ')}`,
  );
}
