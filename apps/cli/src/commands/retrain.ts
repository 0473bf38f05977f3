import { RETRAIN_SUBJECT, STREAMS, type ProgressMessage, type WindowMessage } from '@factory/contracts';
import { BadInputError, FactoryError, GRID_NAMES, UNTIL } from '@factory/domain';
import {
  Requests,
  SourceWaits,
  leftOutProductsOf,
  standingsOf,
  trainingWindowsOf,
  type RunStanding,
} from '@factory/ledger';
import { DeadLetters, JetStreamPublisher, watchProgress, type Published } from '@factory/messaging';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { atLeast, grid, name, productOrAll, until, windowChoice } from '../program/arguments';
import { checkRequest } from '../../../../libs/fleet/src/requests/check-request';
import { examples, withJson, type Cli, type DataOptions } from '../program/cli';
import { InterruptedError, RunsFailedError, RunsSkippedError } from '../program/exit-codes';
import { failedRuns, followRequest, skippedRuns, type FollowPorts } from '../../../../libs/fleet/src/requests/follow-request';
import { figure, shortId } from '../rendering/format';
import { warnOfLeftOut } from '../rendering/left-out';
import { LiveView } from '../rendering/live-view';
import { retrainRequestOf, type OutgoingRequest, type RetrainOptions } from '../../../../libs/fleet/src/requests/retrain-request';
import { waitText } from '../rendering/source-wait';
import { renderTable } from '../rendering/table';
import { windowNote, windowText } from '../rendering/training-window';

interface Options extends RetrainOptions, DataOptions {
  readonly wait?: boolean;
  readonly timeout?: number;
}

const POLL_MS = 1_000;
const DEAD_LETTERS_READ = 200;
/** Anybody may say that a run goes on: what is shown is looked up by the request's own runs. */
const RUNS_WATCHED = 20_000;

/** `factory retrain`. */
export function addRetrain(program: Command, cli: Cli): void {
  withJson(program.command('retrain'))
    .summary('ask for new models, and with --wait watch them being made')
    .description(
      `Publishes ${RETRAIN_SUBJECT}, as the scheduler or any other client does. A product with a run in ` +
        'flight is answered by that run. Asked twice with one --request-id, the same runs answer.',
    )
    .option('--product <id>', 'a product, or 0 for every active one', productOrAll, 0)
    .option('--source <name>', 'a source of sources.yaml (default: the only one, or main)', name('source'))
    .option('--goal <name>', "a goal of the source (default: the source's)", name('goal'))
    .option('--grid <name>', `${GRID_NAMES.join(', ')} (default: the product's policy)`, grid)
    .option(
      '--start <date>',
      'earliest start, UTC: YYYY-MM-DD or "YYYY-MM-DD HH:MM:SS"; the window may begin later, see --window',
    )
    .option(
      '--window <rule>',
      'all: train on the whole range; volume: on the latest part that sells enough (default: the policy)',
      windowChoice,
    )
    .option('--end <date>', 'last second, inclusive; a bare date means that whole day')
    .option('--seed <text>', 'another draw of visits (default: fixed per product)')
    .option('--until <stage>', `end after ${UNTIL.join(', ')}: nothing is published`, until)
    .option('--force', 'cancel a run in flight of the same product first')
    .option('--reason <text>', 'why; kept with the request')
    .option('--who <name>', 'who asks (default: your account of the operating system)')
    .option('--request-id <id>', 'makes repeating safe (default: a new one)')
    .option('--wait', 'wait until every run has ended; exit code 4 if one failed, 6 if all were skipped')
    .option('--timeout <seconds>', 'with --wait: wait no longer; exit code 5', atLeast('timeout', 1))
    .addHelpText(
      'after',
      examples(
        'factory retrain --wait',
        'factory retrain --product 7 --grid full --reason "new feature table" --wait --timeout 3600',
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
      await checkRequest(cli, request);
      await (options.wait ? publishAndWait(cli, request, options) : publishOnly(cli, request, options));
    });
}

async function publishOnly(cli: Cli, request: OutgoingRequest, options: Options): Promise<void> {
  const published = await publish(await cli.servers.broker(), request);
  cli.out.show(options.json, { requestId: request.requestId, request, published }, () =>
    told(published, request),
  );
  if (!options.json) cli.out.say(`follow it with \`factory runs --request ${request.requestId}\``);
}

async function publishAndWait(cli: Cli, request: OutgoingRequest, options: Options): Promise<void> {
  const broker = await cli.servers.broker();
  const ledger = await cli.servers.ledger();
  const { requestId } = request;
  const progress = new Map<string, ProgressMessage>();
  const unwatch = watchProgress(broker, '*', (message) => {
    if (progress.has(message.run) || progress.size < RUNS_WATCHED) progress.set(message.run, message);
  });
  const published = await publish(broker, request);
  cli.out.say(told(published, request));
  const now = (): number => cli.now().getTime();
  const view = new LiveView(cli.out, now(), now);
  const requests = new Requests(ledger, cli.servers.codeVersion);
  const waits = new SourceWaits(ledger);
  const ports: FollowPorts = {
    taken: async () => (await requests.answers(requestId)) !== undefined,
    standings: () => standingsOf(ledger, requestId),
    refused: refusals(new DeadLetters(broker), published),
    waiting: async () => {
      const wait = await waits.ofRequest(requestId);
      return wait && waitText(wait);
    },
    sleep: (ms) =>
      sleep(ms, undefined, { signal: cli.signal }).catch(() => {
        throw new InterruptedError(
          `stopped watching; the runs go on: \`factory runs --request ${requestId}\``,
        );
      }),
    now,
  };
  try {
    const timeout = options.timeout === undefined ? {} : { timeoutSeconds: options.timeout };
    const runs = await followRequest(ports, {
      requestId,
      ...timeout,
      pollMs: POLL_MS,
      progress,
      show: view.show,
    });
    view.finish();
    const leftOut = await leftOutProductsOf(ledger, requestId);
    warnOfLeftOut(cli, leftOut);
    const windows = await trainingWindowsOf(
      ledger,
      runs.map((one) => one.run),
    );
    const ended = runs.map((one) => ({ ...one, window: windows.get(one.run) ?? null }));
    cli.out.show(options.json, { requestId, published, runs: ended, leftOut }, () =>
      table(cli, runs, windows),
    );
    const failed = failedRuns(runs);
    if (failed.length > 0) throw new RunsFailedError(failed.map((run) => run.run));
    if (skippedRuns(runs).length === runs.length) throw new RunsSkippedError(runs.map(reasonOf));
  } finally {
    unwatch();
  }
}

/** Looks for the dead letter of a request; what was read once is not read again. */
function refusals(letters: DeadLetters, published: Published): FollowPorts['refused'] {
  let read = 0;
  return async () => {
    const found = await letters.list(DEAD_LETTERS_READ, read);
    read = found.at(-1)?.sequence ?? read;
    return found.find(
      (letter) => letter.stream === published.stream && letter.streamSequence === published.sequence,
    );
  };
}

/** @throws BadInputError `not-provisioned` */
async function publish(broker: NatsConnection, request: OutgoingRequest): Promise<Published> {
  const publisher = new JetStreamPublisher(broker);
  const stream = STREAMS.requests.name;
  await publisher.streamCreated(stream).catch((cause: unknown) => {
    if (cause instanceof FactoryError) throw cause;
    throw new BadInputError(
      'not-provisioned',
      { field: 'stream', value: stream, todo: 'run `factory provision`: the broker does not have it' },
      { cause },
    );
  });
  return publisher.publish(RETRAIN_SUBJECT, request, { stream, messageId: request.requestId });
}

function told(published: Published, request: OutgoingRequest): string {
  const what = request.productId === 0 ? 'every active product' : `product ${request.productId}`;
  return published.duplicate
    ? `request ${request.requestId} was published before: its runs answer`
    : `request ${request.requestId} for ${what} is published (${published.stream} ${published.sequence})`;
}

function reasonOf(run: RunStanding): string {
  return [run.reason, run.details?.['message']].filter(Boolean).join(': ');
}

function table(cli: Cli, runs: readonly RunStanding[], windows: ReadonlyMap<string, WindowMessage>): string {
  if (runs.length === 0) return 'the request started no run: no product is active';
  const rendered = renderTable<RunStanding>(
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
      { title: 'trained on', of: (run) => windowText(windows.get(run.run)) },
      { title: 'reason', of: reasonOf, flexible: true },
    ],
    runs,
    { width: cli.out.width },
  );
  const note = windowNote([...windows.values()], policyOf(runs));
  return note ? `${rendered}\n\n${note}` : rendered;
}

/** Whose policy is to be changed: where several have runs, whichever is meant. */
function policyOf(runs: readonly RunStanding[]): string {
  const [first, ...more] = runs;
  if (!first) return 'PRODUCT';
  const isOne = more.every((one) => one.source === first.source && one.goal === first.goal);
  return `${more.length === 0 ? first.product : 'PRODUCT'}${isOne ? ` --source ${first.source} --goal ${first.goal}` : ''}`;
}
