import { STREAMS } from '@factory/contracts';
import type { ConsumerPosition } from '@factory/ledger';
import { brokerAway, isBrokerAway } from '@factory/messaging';
import {
  JetStreamApiCodes,
  JetStreamApiError,
  jetstreamManager,
  type ConsumerInfo,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

/**
 * Gets the position of every consumer of the runs' stream from the broker: two requests, for any number of
 * products.
 */
export class ConsumerPositions {
  constructor(
    private readonly connection: NatsConnection,
    private readonly stream: string = STREAMS.runs.name,
  ) {}

  /**
   * @returns undefined while the stream does not exist: `factory provision` has to create it first
   * @throws ServerAwayError `broker-away`
   */
  async read(): Promise<ConsumerPosition[] | undefined> {
    try {
      const manager = await jetstreamManager(this.connection, { checkAPI: false });
      // The stream first: each consumer has then processed at least what this answer implies.
      const stream = await manager.streams.info(this.stream);
      const consumers: ConsumerInfo[] = [];
      for await (const consumer of manager.consumers.list(this.stream)) consumers.push(consumer);
      return consumers.map((consumer) => positionOf(stream, consumer));
    } catch (cause) {
      if (isBrokerAway(cause)) throw brokerAway(cause);
      if (cause instanceof JetStreamApiError && cause.code === JetStreamApiCodes.StreamNotFound)
        return undefined;
      throw cause;
    }
  }
}

/**
 * A consumer with nothing pending has passed everything that the stream contained at that time, even messages
 * that the stream has lost: a broker that lost its tail gives the same sequences to other messages.
 */
function positionOf(stream: StreamInfo, consumer: ConsumerInfo): ConsumerPosition {
  const idle = consumer.num_pending === 0 && consumer.num_ack_pending === 0;
  const { first_seq: firstSequence, last_seq: lastSequence } = stream.state;
  return {
    durable: consumer.name,
    ackFloor: idle ? Math.max(consumer.ack_floor.stream_seq, lastSequence) : consumer.ack_floor.stream_seq,
    streamCreated: stream.created,
    firstSequence,
    lastSequence,
  };
}
