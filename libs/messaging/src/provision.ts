import {
  ACK_WAIT_SECONDS,
  DEFAULT_POOL,
  STREAMS,
  allConsumers,
  type ConsumerDefinition,
} from '@factory/contracts';
import { BadInputError } from '@factory/domain';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { checkJetStream } from './broker-fault';
import type { Provisioned } from './compare-config';
import { provisionConsumer } from './provision-consumer';
import { provisionStream, type StreamDefinition } from './provision-stream';

const OLDEST_SERVER = [2, 14] as const;

export interface ProvisionPlan {
  readonly streams: readonly StreamDefinition[];
  readonly consumers: readonly ConsumerDefinition[];
  /** Replicas of each stream in a cluster of brokers. */
  readonly replicas?: number;
  readonly ackWaitSeconds?: number;
}

/** Bounds of streams that an installation sets itself. */
export type StreamBounds = Partial<
  Record<keyof typeof STREAMS, Pick<StreamDefinition, 'maxMib' | 'maxMessagesPerSubject'>>
>;

/** Everything that the factory needs on the broker, for the given pools of trainers. */
export function factoryPlan(
  pools: readonly string[] = [DEFAULT_POOL],
  replicas = 1,
  bounds: StreamBounds = {},
): ProvisionPlan {
  const streams = (Object.keys(STREAMS) as (keyof typeof STREAMS)[]).map((stream): StreamDefinition => ({
    ...STREAMS[stream],
    ...bounds[stream],
  }));
  return { streams, consumers: allConsumers(pools), replicas };
}

/**
 * Creates what is missing and updates what differs; a second call changes nothing.
 *
 * @throws BadInputError `broker-too-old`, `jetstream-off`, or `incompatible-stream` / `incompatible-consumer`
 * when something of that name exists in a form that the broker cannot change
 */
export async function provision(
  connection: NatsConnection,
  plan: ProvisionPlan = factoryPlan(),
): Promise<Provisioned[]> {
  checkServerVersion(connection.info?.version ?? '0.0');
  await checkJetStream(connection);
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const results: Provisioned[] = [];
  const later = new Map<string, string>();
  for (const stream of plan.streams) {
    const { name, takesFrom } = stream;
    const first = later.get(name);
    if (first !== undefined) {
      results.push({
        kind: 'stream',
        name,
        result: 'unchanged',
        note: `is created when ${first} is replaced`,
      });
      continue;
    }
    const result = await provisionStream(manager, stream, plan.replicas ?? 1);
    if (result.note && takesFrom) later.set(takesFrom.stream, name);
    results.push(result);
  }
  for (const consumer of plan.consumers)
    results.push(await provisionConsumer(manager, consumer, plan.ackWaitSeconds ?? ACK_WAIT_SECONDS));
  return results;
}

/** @throws BadInputError `broker-too-old` */
export function checkServerVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [needMajor, needMinor] = OLDEST_SERVER;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new BadInputError('broker-too-old', {
    field: 'NATS server',
    value: version,
    todo: `use ${OLDEST_SERVER.join('.')} or later: message schedules are needed`,
  });
}
