import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { BadInputError } from '@factory/domain';
import { nanos } from '@nats-io/transport-node';
import { isOutOfRoom } from './broker-room';
import { differs, refuseDifferent, refused, unlessMissing, type Provisioned } from './compare-config';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const KIB = 1_024;
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
  /** Largest message, KiB. Absent: the broker's own limit. */
  readonly maxMessageKib?: number;
  /** Of all messages together, MiB; the broker sets this room aside. Absent: the broker's own limit. */
  readonly maxMib?: number;
  /** Whether a full stream refuses new messages, by subject, or drops its oldest (the default). */
  readonly whenFull?: 'refuse' | 'drop-oldest';
  /**
   * If true, every publisher can delete messages of this stream by a header: the broker allows rollups with
   * schedules.
   */
  readonly allowSchedules?: boolean;
  /** Messages on one subject of another stream are also stored here, under a subject of this stream. */
  readonly takesFrom?: { readonly stream: string; readonly subject: string; readonly as: string };
}

/** Creates the stream, or changes what differs. @throws BadInputError `incompatible-stream` */
export async function provisionStream(
  manager: JetStreamManager,
  stream: StreamDefinition,
  replicas: number,
): Promise<Provisioned> {
  return { ...(await broughtInto(manager, stream, replicas)), bounds: boundsInWords(stream) };
}

/** What the stream holds at most, and what happens then. */
function boundsInWords({ maxMessagesPerSubject, maxMessageKib, maxMib, whenFull }: StreamDefinition): string {
  return [
    ...(maxMib === undefined ? [] : [`${maxMib} MiB`]),
    ...(maxMessagesPerSubject === undefined ? [] : [`${maxMessagesPerSubject} messages a subject`]),
    ...(maxMessageKib === undefined ? [] : [`${maxMessageKib} KiB a message`]),
    whenFull === 'refuse' ? 'full: refuses new ones' : 'full: drops the oldest',
  ].join(', ');
}

async function broughtInto(
  manager: JetStreamManager,
  stream: StreamDefinition,
  replicas: number,
): Promise<Provisioned> {
  const wanted = streamConfig(stream, replicas);
  const found = await unlessMissing(manager.streams.info(stream.name));
  if (!found) {
    await refusedForRoom(stream.name, () => manager.streams.add(wanted));
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
    'every publisher can still delete messages in it (header Nats-Rollup): it is replaced by one where nobody can ' +
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
  await refusedForRoom(change.name, () =>
    refused('stream', change.name, () => manager.streams.update(change.name, { ...found, ...change })),
  );
}

/** @throws BadInputError `no-room-for-stream` where the broker cannot set its room aside */
async function refusedForRoom(name: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (!isOutOfRoom(cause instanceof Error && cause.cause ? cause.cause : cause)) throw cause;
    throw new BadInputError(
      'no-room-for-stream',
      {
        field: `stream ${name}, max_bytes`,
        value: cause instanceof Error ? cause.message : null,
        todo: 'give the broker more storage (max_file_store, or the limit of the account), or give the streams less: STREAM_REQUESTS_MIB, STREAM_EVENTS_MIB, STREAM_DEAD_MIB, STREAM_SCHEDULES_MIB',
      },
      { cause },
    );
  }
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
    max_msg_size: stream.maxMessageKib === undefined ? -1 : stream.maxMessageKib * KIB,
    max_bytes: stream.maxMib === undefined ? -1 : stream.maxMib * KIB * KIB,
    ...(stream.whenFull === 'refuse'
      ? { discard: DiscardPolicy.New, discard_new_per_subject: true }
      : { discard: DiscardPolicy.Old }),
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
