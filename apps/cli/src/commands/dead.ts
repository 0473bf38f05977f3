import type { Command } from 'commander';
import { letterView, reopenedWork, replayLetter, type Unchecked } from '@factory/fleet';
import { DeadLetters, isCut, type DeadLetter } from '@factory/messaging';
import { atLeast } from '../program/arguments';
import {
  changeOf,
  examples,
  withChange,
  withJson,
  type ChangeOptions,
  type Cli,
  type DataOptions,
} from '../program/cli';
import { instant, printable, shortId } from '../rendering/format';
import { renderPairs, renderTable } from '../rendering/table';
import { fleetAccess } from '../servers/fleet-access';
import { knownSources, sayUncheckedRequest } from '../sources/known-sources';

const sequenceOf = atLeast('sequence', 1);

/** `factory dead list`, `show` and `replay`. */
export function addDead(program: Command, cli: Cli): void {
  const dead = program
    .command('dead')
    .summary('inspect and replay messages that were given up (dead letters)')
    .description(
      'Dead letters: messages that no service could handle, kept with the reason. Nothing waits for them; replay one ' +
        'when its cause is gone.',
    )
    .addHelpText(
      'after',
      examples('factory dead list', 'factory dead replay 12 --reason "product 7 is active now"'),
    );
  withJson(dead.command('list'))
    .description('Lists the newest dead letters, oldest first.')
    .option('--limit <n>', 'maximum number of letters to list, at least 1', atLeast('limit', 1), 50)
    .addHelpText('after', examples('factory dead list', 'factory dead list --limit 500 --json'))
    .action(async (options: DataOptions & { limit: number }) => {
      const letters = await new DeadLetters(await cli.servers.broker()).list(options.limit);
      cli.out.show(options.json, letters.map(letterView), () => table(cli, letters));
    });
  withJson(dead.command('show <sequence>'))
    .description('Shows a dead letter with its message.')
    .addHelpText('after', examples('factory dead show 12'))
    .action(async (sequence: string, options: DataOptions) => {
      const letter = await new DeadLetters(await cli.servers.broker()).show(sequenceOf(sequence));
      cli.out.show(options.json, letterView(letter), () => details(letter));
    });
  withChange(withJson(dead.command('replay <sequence>')))
    .description(
      'Replays the message, once. Use it after its cause is fixed. Failed work of a run is reopened with fresh ' +
        'attempts, and the run continues; a request is published again. A replay that would have no effect is refused ' +
        'with an explanation: the run was cancelled, has ended otherwise or is unknown, the work is done or in ' +
        'progress, the request was taken or would be refused again.',
    )
    .addHelpText('after', examples('factory dead replay 12 --reason "product 7 is active now"'))
    .action((sequence: string, options: DataOptions & ChangeOptions) =>
      replay(cli, sequenceOf(sequence), options),
    );
}

async function replay(cli: Cli, sequence: number, options: DataOptions & ChangeOptions): Promise<void> {
  cli.servers.require('broker', 'ledger');
  const broker = await cli.servers.broker();
  const access = {
    ...(await fleetAccess(cli)),
    broker,
    sources: knownSources(cli),
    onUnchecked: (unchecked: Unchecked) => sayUncheckedRequest(cli, unchecked),
  };
  const replayed = await replayLetter(access, sequence, changeOf(cli, options, 'factory dead replay'));
  const { subject } = replayed.letter;
  if (replayed.kind === 'request') {
    const { published } = replayed;
    cli.out.show(
      options.json,
      { sequence, subject, published },
      () =>
        `dead letter ${sequence} was published on ${subject} again (${published.stream} ${published.sequence})`,
    );
    return;
  }
  const { run } = replayed;
  const events = replayed.events.map(reopenedWork);
  cli.out.show(
    options.json,
    { sequence, subject, run, events },
    () =>
      `run ${shortId(run)} resumed with fresh attempts: ${events.map(({ event, shard }) => `${event} ${shard}`).join(', ')}`,
  );
}

function table(cli: Cli, letters: readonly DeadLetter[]): string {
  if (letters.length === 0) return 'no dead letters';
  return renderTable<DeadLetter>(
    [
      { title: 'sequence', of: (letter) => String(letter.sequence), align: 'right' },
      { title: 'since (UTC)', of: (letter) => instant(letter.deadSince) },
      { title: 'subject', of: (letter) => letter.subject },
      { title: 'attempts', of: (letter) => String(letter.attempts), align: 'right' },
      { title: 'code', of: (letter) => letter.code },
      { title: 'reason', of: (letter) => letter.reason, flexible: true },
    ],
    letters,
    { width: cli.out.width },
  );
}

function details(letter: DeadLetter): string {
  const pairs = renderPairs([
    ['sequence', String(letter.sequence)],
    ['subject', letter.subject],
    ['since', `${instant(letter.deadSince)} UTC`],
    ['was', `${letter.stream} ${letter.streamSequence}`],
    ['attempts', String(letter.attempts)],
    ['code', letter.code],
    ['reason', letter.reason],
    ['headers', letter.headersLeftOut > 0 ? `${letter.headersLeftOut} did not fit and were left out` : null],
    ['message', isCut(letter) ? `its first ${letter.data.length} of ${letter.bodyBytes} bytes` : null],
  ]);
  return printable(`${pairs}\n\n${textOf(letter)}`);
}

function textOf(letter: DeadLetter): string {
  const { message } = letterView(letter);
  return typeof message === 'string' ? message : JSON.stringify(message, null, 2);
}
