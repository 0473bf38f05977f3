import { DEAD_PREFIX, STREAMS } from '@factory/contracts';
import { BadInputError, ServerAwayError } from '@factory/domain';
import { DeliverPolicy, jetstream, jetstreamManager, type StoredMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { isBrokerAway } from './broker-connection';
import { headersOf, valuesOf, type Published } from './event-publisher';

const HEADER = {
  code: 'Factory-Error-Code',
  reason: 'Factory-Error',
  attempts: 'Factory-Attempts',
  stream: 'Factory-Stream',
  sequence: 'Factory-Sequence',
  replayOf: 'Factory-Replay-Of',
} as const;
const MESSAGE_ID = 'Nats-Msg-Id';
const LONGEST_REASON = 1_000;

/** A message that nobody will handle any more, and why. */
export interface DeadLetterDraft {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: string;
  readonly streamSequence: number;
  readonly storedAt: Date;
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
}

/** A dead letter as operators see it. `sequence` names it in `dead show` and `dead replay`. */
export interface DeadLetter extends Omit<DeadLetterDraft, 'storedAt'> {
  readonly sequence: number;
  readonly deadSince: Date;
}

/** Where messages go that are never delivered again. */
export class DeadLetters {
  constructor(
    private readonly connection: NatsConnection,
    private readonly streamName: string = STREAMS.dead.name,
  ) {}

  /** Keeps a message; the same delivery kept twice is stored once. @throws ServerAwayError `broker-away` */
  async keep(draft: DeadLetterDraft): Promise<Published> {
    const { [MESSAGE_ID]: originalId, ...rest } = draft.headers;
    const id = `${draft.stream}/${draft.streamSequence}/${draft.storedAt.toISOString()}`;
    return this.publish(
      `${DEAD_PREFIX}${draft.subject}`,
      draft.data,
      `dead/${originalId ?? ''}/${id}`,
      this.streamName,
      {
        ...userHeaders(rest),
        [HEADER.code]: draft.code,
        [HEADER.reason]: oneLine(draft.reason),
        [HEADER.attempts]: String(draft.attempts),
        [HEADER.stream]: draft.stream,
        [HEADER.sequence]: String(draft.streamSequence),
      },
    );
  }

  /** The newest `limit` dead letters, oldest first. */
  async list(limit = 100): Promise<DeadLetter[]> {
    const manager = await jetstreamManager(this.connection);
    const { state } = await manager.streams.info(this.streamName);
    if (state.messages === 0) return [];
    const from = Math.max(state.first_seq, state.last_seq - limit + 1);
    const consumer = await jetstream(this.connection).consumers.get(this.streamName, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
    });
    const letters: DeadLetter[] = [];
    const messages = await consumer.fetch({ max_messages: limit, expires: 1_000 });
    for await (const message of messages) {
      letters.push(
        letterOf(
          { seq: message.seq, subject: message.subject, data: message.data, time: message.time },
          valuesOf(message.headers),
        ),
      );
      if (message.info.pending === 0) break;
    }
    return letters;
  }

  /** @throws BadInputError `unknown-dead-letter` */
  async show(sequence: number): Promise<DeadLetter> {
    const manager = await jetstreamManager(this.connection);
    const stored = await manager.streams.getMessage(this.streamName, { seq: sequence });
    if (stored) return letterOf(stored, valuesOf(stored.header));
    throw new BadInputError('unknown-dead-letter', {
      field: 'sequence',
      value: sequence,
      todo: 'take a sequence that `factory dead list` prints',
    });
  }

  /**
   * Publishes the original message again, to its original subject. The dead letter stays where it is.
   *
   * @param messageId must be new, else the stream takes it for the message that died
   */
  async replay(sequence: number, messageId: string): Promise<Published> {
    const letter = await this.show(sequence);
    return this.publish(letter.subject, letter.data, messageId, letter.stream, {
      ...letter.headers,
      [HEADER.replayOf]: String(sequence),
    });
  }

  private async publish(
    subject: string,
    data: Uint8Array,
    msgID: string,
    streamName: string,
    values: Record<string, string>,
  ): Promise<Published> {
    try {
      const ack = await jetstream(this.connection).publish(subject, data, {
        msgID,
        expect: { streamName },
        headers: headersOf(values),
      });
      return { stream: ack.stream, sequence: ack.seq, duplicate: ack.duplicate };
    } catch (cause) {
      if (isBrokerAway(cause)) throw new ServerAwayError('broker', { cause });
      throw cause;
    }
  }
}

function letterOf(
  stored: Pick<StoredMsg, 'seq' | 'subject' | 'data' | 'time'>,
  values: Record<string, string>,
): DeadLetter {
  return {
    sequence: stored.seq,
    deadSince: stored.time,
    subject: stored.subject.slice(DEAD_PREFIX.length),
    data: stored.data,
    headers: userHeaders(values),
    stream: values[HEADER.stream] ?? '',
    streamSequence: Number(values[HEADER.sequence] ?? 0),
    code: values[HEADER.code] ?? '',
    reason: values[HEADER.reason] ?? '',
    attempts: Number(values[HEADER.attempts] ?? 0),
  };
}

/** Headers that whoever published it had set: neither the broker's nor ours. */
function userHeaders(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !/^(Nats-|Factory-)/i.test(name)));
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' | ').slice(0, LONGEST_REASON);
}
