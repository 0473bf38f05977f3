import {
  ACK_WAIT_SECONDS,
  DEFAULT_POOL,
  STREAMS,
  allConsumers,
  type ConsumerDefinition,
} from '@factory/contracts';
import { BadInputError } from '@factory/domain';
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  jetstreamManager,
  type ConsumerConfig,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import { checkJetStream } from './broker-fault';

const OLDEST_SERVER = [2, 14] as const;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/**
 * Messages that wait for a source also count as in progress: any number of them must not block other
 * deliveries.
 */
const MAX_IN_HAND = 1_000_000;
const MAX_WAITING_PULLS = 4_096;
/** Prefix of subjects on which nobody publishes. */
const CLOSED_PREFIX = 'closed.';

type StreamChange = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>;

export interface StreamDefinition {
  readonly name: string;
  readonly subjects: readonly string[];
  /** 0 = forever. */
  readonly maxAgeDays?: number;
  readonly duplicateWindowHours?: number;
  readonly maxMessagesPerSubject?: number;
  /**
   * If true, every publisher can delete messages of this stream by a header: the broker allows rollups with
   * schedules.
   */
  readonly allowSchedules?: boolean;
  /** Messages on one subject of another stream are also stored here, under a subject of this stream. */
  readonly takesFrom?: { readonly stream: string; readonly subject: string; readonly as: string };
}

export interface ProvisionPlan {
  readonly streams: readonly StreamDefinition[];
  readonly consumers: readonly ConsumerDefinition[];
  /** Replicas of each stream in a cluster of brokers. */
  readonly replicas?: number;
  readonly ackWaitSeconds?: number;
}

export interface Provisioned {
  readonly kind: 'stream' | 'consumer';
  readonly name: string;
  readonly result: 'created' | 'changed' | 'unchanged';
  /** What could not be changed now, why, and what to do. */
  readonly note?: string;
}

/** Everything that the factory needs on the broker, for the given pools of trainers. */
export function factoryPlan(pools: readonly string[] = [DEFAULT_POOL], replicas = 1): ProvisionPlan {
  return { streams: Object.values(STREAMS), consumers: allConsumers(pools), replicas };
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

async function provisionStream(
  manager: JetStreamManager,
  stream: StreamDefinition,
  replicas: number,
): Promise<Provisioned> {
  const wanted = streamConfig(stream, replicas);
  const found = await unlessMissing(manager.streams.info(stream.name));
  if (!found) {
    await manager.streams.add(wanted);
    return { kind: 'stream', name: stream.name, result: 'created' };
  }
  const fixed = { retention: wanted.retention, storage: wanted.storage };
  refuseDifferent('stream', stream.name, fixed, found.config);
  if (found.config.allow_msg_schedules && !stream.allowSchedules)
    return endSchedules(manager, found.config, wanted);
  if (!differs(wanted, found.config)) return { kind: 'stream', name: stream.name, result: 'unchanged' };
  await changeStream(manager, found.config, wanted);
  return { kind: 'stream', name: stream.name, result: 'changed' };
}

/**
 * The broker cannot remove schedules from a stream, nor let such a stream take messages from another one. So it
 * is replaced once it is empty, and stays as it is until then. While that is checked it accepts no messages;
 * publishers get an error.
 */
async function endSchedules(
  manager: JetStreamManager,
  found: StreamConfig,
  wanted: StreamChange,
): Promise<Provisioned> {
  const { name } = wanted;
  const closed = `${CLOSED_PREFIX}${name}`;
  let waits = await whatWaits(manager, found);
  if (!waits) {
    await changeStream(manager, found, { name, subjects: [closed] });
    waits = await whatWaits(manager, found);
    if (!waits) {
      await manager.streams.delete(name);
      await manager.streams.add(wanted);
      return { kind: 'stream', name, result: 'changed' };
    }
  }
  const { config } = await manager.streams.info(name);
  // It was closed by a run of this command that was interrupted: the former subjects are then unknown.
  if (config.subjects.includes(closed))
    await changeStream(manager, config, {
      name,
      subjects: found.subjects.includes(closed) ? wanted.subjects : found.subjects,
    });
  const note =
    'every publisher can still delete messages in it (header Nats-Rollup): it is replaced by one where nobody can  ' +
    `when it is empty; now it has ${waits}. Provision again then`;
  return { kind: 'stream', name, result: 'unchanged', note };
}

/** What would be lost with a stream; undefined if nothing would. */
async function whatWaits(manager: JetStreamManager, stream: StreamConfig): Promise<string | undefined> {
  const { state } = await manager.streams.info(stream.name, { subjects_filter: '>' });
  if (state.messages === 0) return undefined;
  const consumers = await manager.consumers.list(stream.name).next();
  if (consumers.length === 0 || consumers.some((one) => one.num_pending + one.num_ack_pending > 0))
    return 'messages';
  const taken = consumers.map(({ config }) => config.filter_subject);
  const others = Object.keys(state.subjects ?? {}).filter((subject) => !taken.includes(subject));
  return others.length > 0 ? `messages on ${others.slice(0, 3).join(', ')}` : undefined;
}

async function changeStream(
  manager: JetStreamManager,
  found: StreamConfig,
  change: StreamChange,
): Promise<void> {
  await refused('stream', change.name, () => manager.streams.update(change.name, { ...found, ...change }));
}

async function provisionConsumer(
  manager: JetStreamManager,
  { stream, durable, filterSubject }: ConsumerDefinition,
  ackWaitSeconds: number,
): Promise<Provisioned> {
  const wanted = {
    durable_name: durable,
    filter_subject: filterSubject,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ackWaitSeconds * 1_000),
    max_deliver: -1,
    max_ack_pending: MAX_IN_HAND,
    max_waiting: MAX_WAITING_PULLS,
  } satisfies Partial<ConsumerConfig>;
  const name = `${stream}/${durable}`;
  const found = await unlessMissing(manager.consumers.info(stream, durable));
  if (!found) {
    await manager.consumers.add(stream, wanted);
    return { kind: 'consumer', name, result: 'created' };
  }
  if (found.config.deliver_subject) refuse('consumer', name, 'deliver_subject', found.config.deliver_subject);
  const { ack_policy, deliver_policy, max_waiting } = wanted;
  refuseDifferent('consumer', name, { ack_policy, deliver_policy, max_waiting }, found.config);
  if (!differs(wanted, found.config) && !found.config.backoff?.length)
    return { kind: 'consumer', name, result: 'unchanged' };
  await refused('consumer', name, () =>
    manager.consumers.update(stream, durable, { ...wanted, backoff: [] }),
  );
  return { kind: 'consumer', name, result: 'changed' };
}

function streamConfig(stream: StreamDefinition, replicas: number): StreamChange {
  const { takesFrom } = stream;
  return {
    name: stream.name,
    subjects: [...stream.subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: replicas,
    max_age: nanos((stream.maxAgeDays ?? 0) * DAY_MS),
    duplicate_window: nanos((stream.duplicateWindowHours ?? 2) * HOUR_MS),
    max_msgs_per_subject: stream.maxMessagesPerSubject ?? -1,
    ...(stream.allowSchedules ? { allow_msg_schedules: true } : { allow_rollup_hdrs: false }),
    ...(takesFrom
      ? {
          sources: [
            {
              name: takesFrom.stream,
              subject_transforms: [{ src: takesFrom.subject, dest: takesFrom.as }],
            },
          ],
        }
      : {}),
  };
}

function differs(wanted: object, found: object): boolean {
  return Object.entries(wanted).some(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify((found as Record<string, unknown>)[field]),
  );
}

function refuseDifferent(kind: Provisioned['kind'], name: string, wanted: object, found: object): void {
  for (const [field, value] of Object.entries(wanted)) {
    const there = (found as Record<string, unknown>)[field];
    if (there !== value) refuse(kind, name, field, there, value);
  }
}

function refuse(
  kind: Provisioned['kind'],
  name: string,
  field: string,
  there: unknown,
  wanted?: unknown,
): never {
  throw new BadInputError(`incompatible-${kind}`, {
    field: `${kind} ${name}, ${field}`,
    value: there,
    todo: `the broker cannot change this${wanted === undefined ? '' : ` to ${JSON.stringify(wanted)}`}: delete the ${kind} or use another broker account`,
  });
}

async function refused(
  kind: Provisioned['kind'],
  name: string,
  change: () => Promise<unknown>,
): Promise<void> {
  try {
    await change();
  } catch (cause) {
    if (!(cause instanceof JetStreamApiError) || (cause.status >= 500 && cause.code === 0)) throw cause;
    throw new BadInputError(
      `incompatible-${kind}`,
      {
        field: `${kind} ${name}`,
        value: cause.message,
        todo: `delete the ${kind} or use another broker account: the broker refuses to change it`,
      },
      { cause },
    );
  }
}

async function unlessMissing<T>(info: Promise<T>): Promise<T | null> {
  try {
    return await info;
  } catch (thrown) {
    const missing: number[] = [JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound];
    if (thrown instanceof JetStreamApiError && missing.includes(thrown.code)) return null;
    throw thrown;
  }
}
