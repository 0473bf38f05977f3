import { REQUESTS_KEPT, STREAMS } from '@factory/contracts';
import { brokerAway, isBrokerAway } from '@factory/messaging';
import { jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { ConsumerPositions } from './consumer-positions';

/** Messages that were taken and stay, where what is kept takes too much room. */
const KEPT_AT_LEAST = 100;
/** Share of what a stream may hold, from which on it is nearly full. */
const NEARLY_FULL = 0.8;

export interface Trimmed {
  readonly removed: number;
  /** How full the stream is, if it is nearly full: from 100 on it refuses new requests. Percent. */
  readonly nearlyFull: number | undefined;
}

/**
 * Makes room in the stream of requests, which refuses new ones when it is full: those that every consumer has passed
 * are removed, except for the latest.
 */
export class RequestHistory {
  constructor(
    private readonly connection: NatsConnection,
    private readonly stream: string = STREAMS.requests.name,
    private readonly kept: number = REQUESTS_KEPT,
  ) {}

  /** @throws ServerAwayError `broker-away` */
  async trim(): Promise<Trimmed> {
    const positions = await new ConsumerPositions(this.connection, this.stream).read();
    if (!positions || positions.length === 0) return { removed: 0, nearlyFull: undefined };
    const passed = Math.min(...positions.map(({ ackFloor }) => ackFloor));
    try {
      const manager = await jetstreamManager(this.connection, { checkAPI: false });
      const before = await manager.streams.info(this.stream, { subjects_filter: '>' });
      const kept = bytesFilled(before) > 0.5 ? Math.min(KEPT_AT_LEAST, this.kept) : this.kept;
      const from = passed - kept + 1;
      if (from <= before.state.first_seq) return { removed: 0, nearlyFull: nearlyFull(before) };
      const { purged } = await manager.streams.purge(this.stream, { seq: from });
      const after = await manager.streams.info(this.stream, { subjects_filter: '>' });
      return { removed: purged, nearlyFull: nearlyFull(after) };
    } catch (cause) {
      throw isBrokerAway(cause) ? brokerAway(cause) : cause;
    }
  }
}

function bytesFilled({ config, state }: StreamInfo): number {
  return config.max_bytes > 0 ? state.bytes / config.max_bytes : 0;
}

function nearlyFull(info: StreamInfo): number | undefined {
  const { max_msgs_per_subject: most } = info.config;
  const fullest = Math.max(0, ...Object.values(info.state.subjects ?? {}));
  const filled = Math.max(bytesFilled(info), most > 0 ? fullest / most : 0);
  return filled >= NEARLY_FULL ? Math.round(100 * filled) : undefined;
}
