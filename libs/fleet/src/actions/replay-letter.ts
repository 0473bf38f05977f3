import {
  RETRAIN_SUBJECT,
  STREAMS,
  parseRetrainRequest,
  stageOfSubject,
  type ConsumingStage,
  type RetrainRequested,
} from '@factory/contracts';
import { BadInputError, BadInputsError, messageOf } from '@factory/domain';
import {
  Replays,
  Requests,
  type Change,
  type ReplayedLetter,
  type StoredEvent,
  type WorkId,
} from '@factory/ledger';
import { DeadLetters, JetStreamPublisher, type DeadLetter, type Published } from '@factory/messaging';
import type { NatsConnection } from '@nats-io/transport-node';
import type { FleetAccess } from '../fleet-access';
import { checkRequest, type KnownSources, type Unchecked } from '../requests/check-request';

/** The result of a replay: work that was reopened in the ledger, or a request that was published again. */
export type Replayed =
  | {
      readonly kind: 'work';
      readonly letter: DeadLetter;
      readonly run: string;
      readonly events: StoredEvent[];
    }
  | { readonly kind: 'request'; readonly letter: DeadLetter; readonly published: Published };

/** What a replay needs besides the ledger. */
export interface ReplayAccess extends FleetAccess {
  readonly broker: NatsConnection;
  readonly sources: KnownSources;
  /** Called with the parts of a request that could not be checked here. */
  readonly onUnchecked: (unchecked: Unchecked) => void;
}

/**
 * Replays a dead letter, once: work of a run is reopened in the ledger with fresh attempts, a request is
 * published again.
 *
 * @throws BadInputError saying why it would have no effect; then nothing was changed
 */
export async function replayLetter(
  access: ReplayAccess,
  sequence: number,
  change: Change,
): Promise<Replayed> {
  const letters = new DeadLetters(access.broker);
  const replays = new Replays(access.ledger);
  const letter = await letters.show(sequence);
  const named: ReplayedLetter = {
    sequence,
    streamCreated: await letters.created(),
    subject: letter.subject,
    code: letter.code,
  };
  await replays.refuseRepeated(named);
  const stage = stageOfSubject(letter.subject);
  const body = await letters.body(letter);
  if (stage) return replayWork(access, replays, named, letter, workOf(stage, letter, body), change);
  if (letter.subject !== RETRAIN_SUBJECT || letter.stream !== STREAMS.requests.name)
    throw refused(
      'no-consumer',
      letter,
      `messages of ${letter.stream || 'no stream'} on this subject have no consumer`,
    );
  await refuseRequest(access, letter, body);
  // One id per letter: a replay that was interrupted before its audit record is repeated, not doubled.
  const published = await letters.replay(sequence, `replay/${named.streamCreated}/${sequence}`);
  await replays.record(named, change, published);
  return { kind: 'request', letter, published };
}

async function replayWork(
  access: FleetAccess,
  replays: Replays,
  named: ReplayedLetter,
  letter: DeadLetter,
  work: WorkId,
  change: Change,
): Promise<Replayed> {
  const events = await replays.reopen(named, work, change);
  await access.announce(events);
  return { kind: 'work', letter, run: work.run, events };
}

/** The ledger has everything else: only the identity of the work is read from the message. */
function workOf(stage: ConsumingStage, letter: DeadLetter, body: Uint8Array): WorkId {
  try {
    const { run, shard } = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
    if (typeof run === 'string' && typeof shard === 'string') return { run, stage, shard };
  } catch {
    // Reported below.
  }
  throw refused('unreadable-message', letter, 'it names no run and no shard: it would be given up again');
}

/** @throws BadInputError if the request would be refused again, or has its runs already */
async function refuseRequest(access: ReplayAccess, letter: DeadLetter, body: Uint8Array): Promise<void> {
  const request = requestOf(letter, body);
  const created =
    letter.streamCreated ?? (await new JetStreamPublisher(access.broker).streamCreated(letter.stream));
  const key = request.requestId ?? `${created}:${letter.streamSequence}`;
  const requests = new Requests(access.ledger, access.codeVersion);
  if ((await requests.answers(key)) === undefined) return refuseUnknownNames(access, letter, request);
  throw refused(
    'request-taken',
    letter,
    `request ${key} was accepted: \`factory runs --request ${key}\` lists its runs, \`factory runs resume\` resumes a failed one`,
  );
}

/** As for a new request: source, goal and product, as far as they can be checked on this machine. */
async function refuseUnknownNames(
  { sources, onUnchecked }: ReplayAccess,
  letter: DeadLetter,
  request: RetrainRequested,
): Promise<void> {
  try {
    const unchecked = await checkRequest(sources, request);
    if (unchecked) onUnchecked(unchecked);
  } catch (thrown) {
    if (!(thrown instanceof BadInputError || thrown instanceof BadInputsError)) throw thrown;
    const todo = `it would be refused again (${messageOf(thrown)}): correct that, or send another with \`factory retrain\``;
    throw refused(thrown.code, letter, todo);
  }
}

function requestOf(letter: DeadLetter, body: Uint8Array): RetrainRequested {
  try {
    return parseRetrainRequest(body);
  } catch (thrown) {
    if (!(thrown instanceof BadInputError || thrown instanceof BadInputsError)) throw thrown;
    throw refused(
      'unreadable-message',
      letter,
      `it would be refused again (${messageOf(thrown)}): send a correct one with \`factory retrain\``,
    );
  }
}

function refused(code: string, letter: DeadLetter, todo: string): BadInputError {
  return new BadInputError(code, { field: 'message', value: letter.subject, todo });
}
