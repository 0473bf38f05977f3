import { DEAD_PREFIX, STREAMS } from '@factory/contracts';
import { BadInputError, FactoryError, messageOf } from '@factory/domain';
import { JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { brokerAway, isBrokerAway } from './broker-connection';
import { explainBrokerError, forbiddenBy, isJetStreamOff } from './broker-fault';
import { isOutOfRoom } from './broker-room';
import {
  isCut,
  letterOf,
  outgoingLetter,
  sha256Of,
  type DeadLetter,
  type DeadLetterDraft,
} from './dead-letter';
import type { Published } from './event-publisher';
import { headersOf } from './message-headers';
import { readStored } from './stored-message';

const REPLAY_OF = 'Factory-Replay-Of';
const DEFAULT_MAX_PAYLOAD = 1_048_576;
const READ_AT_ONCE = 16;

/** The broker answers, but does not store a dead letter: the message is redelivered until it can be stored. */
export class DeadLetterRefusedError extends FactoryError {
  constructor(code: string, message: string, cause: unknown) {
    super(code, message, true, { cause });
  }
}

/**
 * Stores messages that are never delivered again. A letter refers to its message by stream and sequence and
 * contains at most 64 kB of its body.
 */
export class DeadLetters {
  constructor(
    private readonly connection: NatsConnection,
    private readonly streamName: string = STREAMS.dead.name,
  ) {}

  /**
   * Stores a message; the same delivery is stored once.
   *
   * @throws ServerAwayError `broker-away`
   * @throws DeadLetterRefusedError `dead-letters-forbidden`, `-missing`, `-full` or `-refused`
   */
  async keep(draft: DeadLetterDraft): Promise<Published> {
    const letter = outgoingLetter(draft, this.connection.info?.max_payload ?? DEFAULT_MAX_PAYLOAD);
    const { subject, data, messageId, headers } = letter;
    try {
      return await this.publish(subject, data, messageId, this.streamName, headers);
    } catch (thrown) {
      throw this.notKept(subject, thrown);
    }
  }

  /** The newest `limit` dead letters after the sequence `after`, oldest first. @throws BadInputError, ServerAwayError */
  async list(limit = 100, after = 0): Promise<DeadLetter[]> {
    const { messages, firstSequence, lastSequence } = await this.state();
    const letters: DeadLetter[] = [];
    if (messages === 0) return letters;
    const first = Math.max(firstSequence, lastSequence - limit + 1, after + 1);
    for (let from = first; from <= lastSequence; from += READ_AT_ONCE) {
      const count = Math.min(READ_AT_ONCE, lastSequence - from + 1);
      const read = await Promise.all(
        Array.from({ length: count }, (_, at) => readStored(this.connection, this.streamName, from + at)),
      );
      letters.push(...read.filter((one) => one !== null).map(letterOf));
    }
    return letters;
  }

  /** @throws BadInputError `unknown-dead-letter` */
  async show(sequence: number): Promise<DeadLetter> {
    const stored = await readStored(this.connection, this.streamName, sequence);
    if (stored) return letterOf(stored);
    throw new BadInputError('unknown-dead-letter', {
      field: 'sequence',
      value: sequence,
      todo: 'use a sequence from `factory dead list`',
    });
  }

  /** When the dead-letter stream was created: together with a sequence it identifies a letter permanently. */
  async created(): Promise<string> {
    return (await this.state()).created;
  }

  /**
   * The whole body of the original message: from the letter, or, if that contains only its beginning, from the
   * original stream.
   *
   * @throws BadInputError `original-gone` or `original-differs`
   */
  async body(letter: DeadLetter): Promise<Uint8Array> {
    if (!isCut(letter)) return letter.data;
    const place = `${letter.stream} ${letter.streamSequence}`;
    const refuse = (code: string, why: string): never => {
      throw new BadInputError(code, {
        field: 'message',
        value: place,
        todo: `publish the message again from its origin: the letter has ${letter.data.length} of its ${letter.bodyBytes} bytes, and ${why}`,
      });
    };
    const original = await readStored(this.connection, letter.stream, letter.streamSequence).catch(
      (thrown: unknown) => {
        if (thrown instanceof BadInputError) return null;
        throw thrown;
      },
    );
    if (!original) return refuse('original-gone', 'the stream no longer has the message');
    if (original.subject !== letter.subject || sha256Of(original.data) !== letter.sha256)
      return refuse('original-differs', 'the stream was recreated: another message has that sequence');
    return original.data;
  }

  /**
   * Publishes the original message again, on its original subject. The dead letter is kept.
   *
   * @param messageId must be new, otherwise the stream drops the message as a duplicate of the original
   * @throws BadInputError `unknown-dead-letter`, `original-gone` or `original-differs`
   */
  async replay(sequence: number, messageId: string): Promise<Published> {
    const letter = await this.show(sequence);
    const data = await this.body(letter);
    try {
      return await this.publish(letter.subject, data, messageId, letter.stream, {
        ...letter.headers,
        [REPLAY_OF]: String(sequence),
      });
    } catch (thrown) {
      throw explainBrokerError(thrown);
    }
  }

  private async state() {
    try {
      const manager = await jetstreamManager(this.connection, { checkAPI: false });
      const { state, created } = await manager.streams.info(this.streamName);
      return {
        created,
        messages: state.messages,
        firstSequence: state.first_seq,
        lastSequence: state.last_seq,
      };
    } catch (thrown) {
      throw explainBrokerError(thrown);
    }
  }

  private async publish(
    subject: string,
    data: Uint8Array,
    msgID: string,
    streamName: string,
    values: Readonly<Record<string, string>>,
  ): Promise<Published> {
    const ack = await jetstream(this.connection).publish(subject, data, {
      msgID,
      expect: { streamName },
      headers: headersOf(values),
    });
    return { stream: ack.stream, sequence: ack.seq, duplicate: ack.duplicate };
  }

  private notKept(subject: string, thrown: unknown): unknown {
    const refused = (code: string, why: string): FactoryError =>
      new DeadLetterRefusedError(code, `${why} (${messageOf(thrown)})`, thrown);
    if (forbiddenBy(thrown))
      return refused(
        'dead-letters-forbidden',
        `the broker does not allow publishing on ${subject}: allow the account of NATS_URL to publish on "${DEAD_PREFIX}>"`,
      );
    if (isJetStreamOff(thrown))
      return refused(
        'dead-letters-missing',
        `no stream takes ${subject}: run \`factory provision\`, which creates ${this.streamName}`,
      );
    if (isOutOfRoom(thrown))
      return refused(
        'dead-letters-full',
        `stream ${this.streamName} has no space: free the broker's disk, raise its limits, or purge old dead letters`,
      );
    if (isBrokerAway(thrown)) return brokerAway(thrown);
    const by = thrown instanceof JetStreamApiError ? `stream ${this.streamName}` : 'the client library';
    return refused('dead-letters-refused', `${by} does not accept the dead letter on ${subject}`);
  }
}
