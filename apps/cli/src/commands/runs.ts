import {
  Runs,
  SourceWaits,
  auditOf,
  leftOutProductsOf,
  resolveRunId,
  trialsOf,
  type RunFilter,
  type RunSummary,
  type WaitOf,
} from '@factory/ledger';
import type { Command } from 'commander';
import { announceChange } from '../../../../libs/fleet/src/actions/announce-change';
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
import { runEvaluation } from '../../../../libs/fleet/src/runs/run-evaluation';
import { runReport } from '../../../../libs/fleet/src/runs/run-report';
import { sourceWaitLine, waitText } from '../rendering/source-wait';
import { renderTable } from '../rendering/table';

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
    .summary('list runs, look into one, let one go on')
    .description('Lists runs, latest first. A run may be named by the first letters of its id.')
    .option('--source <name>', 'only this source', name('source'))
    .option('--product <id>', 'only this product', product)
    .option('--goal <name>', 'only this goal', name('goal'))
    .option('--active', 'only those in flight')
    .option('--request <id>', 'only those that answer this request')
    .option('--limit <n>', 'at most so many', atLeast('limit', 1), 50)
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
    .description(
      'Lets a failed or cancelled run go on from the stage that was not done, with fresh attempts.',
    )
    .addHelpText('after', examples('factory runs resume 3f2a91c0 --reason "disk is free again"'))
    .action((run: string, options: DataOptions & ChangeOptions) => resume(cli, run, options));
}

async function list(cli: Cli, options: ListOptions): Promise<void> {
  const { request, limit, ...rest } = options;
  const filter: RunFilter = { ...rest, limit, ...(request === undefined ? {} : { requestKey: request }) };
  const ledger = await cli.servers.ledger();
  const waits = new SourceWaits(ledger);
  const [found, bySource, ofRequest] = await Promise.all([
    new Runs(ledger, cli.servers.codeVersion).list(filter),
    waits.bySource(),
    request === undefined ? undefined : waits.ofRequest(request),
  ]);
  if (request !== undefined) warnOfLeftOut(cli, await leftOutProductsOf(ledger, request));
  const inFlight = found.filter((run) => run.outcome === null).map((run) => run.run);
  const waitOf = await waits.ofRuns(inFlight);
  const listed = found.map((run): ListedRun => ({ ...run, waiting: waitOf.get(run.run) ?? null }));
  cli.out.show(options.json, listed, () =>
    [
      ...(listed.length > 0 ? [table(cli, listed)] : ofRequest ? [] : ['no such run']),
      ...(ofRequest ? [`request ${request} waits to be taken: ${waitText(ofRequest)}`] : []),
      ...bySource.filter(({ source }) => isAskedFor(source, options)).map(sourceWaitLine),
    ].join('\n'),
  );
}

/** A run, and the source that it waits for. */
interface ListedRun extends RunSummary {
  readonly waiting: WaitOf | null;
}

function isAskedFor(source: string, options: ListOptions): boolean {
  return options.source === undefined || options.source === source;
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

async function show(cli: Cli, prefix: string, options: DataOptions): Promise<void> {
  const ledger = await cli.servers.ledger();
  const runs = new Runs(ledger, cli.servers.codeVersion);
  const run = await resolveRunId(ledger, prefix);
  const [summary, stages, trials, audit, waits] = await Promise.all([
    runs.find(run),
    runs.stages(run),
    trialsOf(ledger, run),
    auditOf(ledger, run),
    new SourceWaits(ledger).ofRuns([run]),
  ]);
  const evaluation = await runEvaluation(
    stages,
    () => cli.servers.store(),
    (text) => cli.out.warn(text),
  );
  const waiting = waits.get(run) ?? null;
  const report = runReport({ summary, stages, trials, evaluation, audit, waiting });
  cli.out.show(options.json, report, () => renderRun(report, cli.out));
}

async function resume(cli: Cli, prefix: string, options: DataOptions & ChangeOptions): Promise<void> {
  cli.servers.require('ledger', 'broker');
  const ledger = await cli.servers.ledger();
  const run = await resolveRunId(ledger, prefix);
  const events = await new Runs(ledger, cli.servers.codeVersion).resume(
    run,
    changeOf(cli, options, 'factory runs resume'),
  );
  await announceChange(cli, events);
  const from = events.map((event) => ({
    event: event.event,
    shard: event.shard,
    generation: event.generation,
  }));
  cli.out.show(
    options.json,
    { run, events: from },
    () => `run ${shortId(run)} goes on: ${from.map(({ event, shard }) => `${event} ${shard}`).join(', ')}`,
  );
}
