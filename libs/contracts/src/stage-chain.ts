import { subjectKey, type ModelKey, type Stage } from '@factory/domain';
import type { z } from 'zod';
import { DATASET_MESSAGE_VERSION, MESSAGE_VERSION, REQUEST_VERSION } from './fields';
import {
  dataPrepared,
  modelEvaluated,
  modelPublished,
  modelRetired,
  modelTrained,
  runFinished,
  runQueued,
  sampleDrawn,
  trialsQueued,
} from './messages';
import { retrainRequested } from './retrain-requested';

/**
 * The pipeline on one page: all events, their streams and subjects, and their consumers. A full stream of requests
 * refuses new ones: what waits there is nowhere else. Of the others the oldest messages go; the ledger announces again
 * what is lost.
 */
export const STREAMS = {
  requests: {
    name: 'FACTORY_REQUESTS',
    subjects: ['factory.retrain.requested', 'factory.scoring.requested'],
    maxMessagesPerSubject: 20_000,
    maxMessageKib: 64,
    maxMib: 256,
    whenFull: 'refuse',
    takesFrom: {
      stream: 'FACTORY_SCHEDULES',
      subject: 'factory.scheduled.retrain',
      as: 'factory.retrain.requested',
    },
  },
  /**
   * Schedules (`Nats-Schedule`) and what they publish, which the broker requires in one stream. A stream with
   * schedules lets every publisher delete messages by a header (`Nats-Rollup`), so no request is stored only
   * here.
   */
  schedules: {
    name: 'FACTORY_SCHEDULES',
    subjects: ['factory.schedule.*', 'factory.scheduled.retrain'],
    maxMessagesPerSubject: 10_000,
    maxMessageKib: 64,
    maxMib: 64,
    allowSchedules: true,
  },
  runs: {
    name: 'FACTORY',
    subjects: ['factory.run.>', 'factory.data.>', 'factory.sample.>', 'factory.trials.>', 'factory.model.>'],
    maxAgeDays: 30,
    duplicateWindowHours: 2,
    maxMib: 1_024,
  },
  dead: { name: 'FACTORY_DEAD', subjects: ['dead.factory.>'], maxAgeDays: 90, maxMib: 256 },
} as const;

/** Requests that were taken and are kept, so that a dead letter can be replayed from them; older ones are removed. */
export const REQUESTS_KEPT = 10_000;

/** Subject of requests; anyone may publish on it. */
export const RETRAIN_SUBJECT = STREAMS.requests.subjects[0];
/** What a schedule on `factory.schedule.<name>` names as its target (`Nats-Schedule-Target`): it becomes a request. */
export const SCHEDULED_RETRAIN_SUBJECT = STREAMS.requests.takesFrom.subject;
export const DEAD_PREFIX = 'dead.';
export const DEFAULT_POOL = 'default';

/** Core NATS, not stored: for people who watch a run. */
export const progressSubject = (run: string): string => `progress.${run}`;
/** Core NATS: asks every worker to check the run's state now (cancel within a second). */
export const controlSubject = (run: string): string => `control.${run}`;

interface EventDefinition {
  /** Subject without the trailing `<source>.<product>`. */
  readonly subject: string;
  readonly schema: z.ZodType;
  /** The stage that processes the event; null for announcements to anyone. */
  readonly consumedBy: Stage | null;
}

/** Every event of a run. The name is part of message ids. */
export const EVENTS = {
  'run.queued': { subject: 'factory.run.queued', schema: runQueued, consumedBy: 'data-prep' },
  'data.prepared': { subject: 'factory.data.prepared', schema: dataPrepared, consumedBy: 'sampling' },
  'sample.drawn': { subject: 'factory.sample.drawn', schema: sampleDrawn, consumedBy: 'trainer-plan' },
  'trials.queued': { subject: 'factory.trials.queued', schema: trialsQueued, consumedBy: 'trials' },
  'model.trained': { subject: 'factory.model.trained', schema: modelTrained, consumedBy: 'evaluator' },
  'model.evaluated': { subject: 'factory.model.evaluated', schema: modelEvaluated, consumedBy: 'publisher' },
  'model.published': { subject: 'factory.model.published', schema: modelPublished, consumedBy: null },
  /** By a person; see `factory retire`. */
  'model.retired': { subject: 'factory.model.retired', schema: modelRetired, consumedBy: null },
  'run.finished': { subject: 'factory.run.finished', schema: runFinished, consumedBy: null },
} as const satisfies Record<string, EventDefinition>;
export type EventName = keyof typeof EVENTS;

/** The version in which an event is written, and the highest that this release reads. */
export function versionOf(event: EventName): number {
  return REFER_TO_DATASETS.includes(event) ? DATASET_MESSAGE_VERSION : MESSAGE_VERSION;
}

const REFER_TO_DATASETS: readonly EventName[] = [
  'sample.drawn',
  'trials.queued',
  'model.trained',
  'model.evaluated',
];
export type EventBody<N extends EventName> = z.infer<(typeof EVENTS)[N]['schema']>;

interface StageDefinition {
  readonly app: 'data-prep' | 'sampling' | 'trainer' | 'evaluator' | 'publisher';
  readonly consumes: EventName;
  readonly emits: readonly EventName[];
  /** Durable pull consumer; `trials` has one per pool, see `trialsConsumer`. */
  readonly durable: string;
}

/** Stages in the order a run takes them. Every stage may also emit `run.finished`. */
export const STAGE_CHAIN = {
  'data-prep': { app: 'data-prep', consumes: 'run.queued', emits: ['data.prepared'], durable: 'data-prep' },
  sampling: { app: 'sampling', consumes: 'data.prepared', emits: ['sample.drawn'], durable: 'sampling' },
  'trainer-plan': {
    app: 'trainer',
    consumes: 'sample.drawn',
    emits: ['trials.queued'],
    durable: 'trainer-plan',
  },
  /** A group queues the next group; the last one gathers. */
  trials: {
    app: 'trainer',
    consumes: 'trials.queued',
    emits: ['trials.queued', 'model.trained'],
    durable: 'trainer',
  },
  evaluator: {
    app: 'evaluator',
    consumes: 'model.trained',
    emits: ['model.evaluated'],
    durable: 'evaluator',
  },
  /** Emits `model.trained` again when the champion changed since the verdict (rules R9). */
  publisher: {
    app: 'publisher',
    consumes: 'model.evaluated',
    emits: ['model.published', 'model.trained'],
    durable: 'publisher',
  },
} as const satisfies Partial<Record<Stage, StageDefinition>>;
export type ConsumingStage = keyof typeof STAGE_CHAIN;

export interface ConsumerDefinition {
  readonly stream: string;
  readonly durable: string;
  readonly filterSubject: string;
  /** Highest version of its messages that this release reads. Absent: `MESSAGE_VERSION`. */
  readonly messageVersion?: number;
}

/** Consumer of retrain requests. */
export const REQUESTS_CONSUMER: ConsumerDefinition = {
  stream: STREAMS.requests.name,
  durable: 'data-prep-requests',
  filterSubject: RETRAIN_SUBJECT,
  messageVersion: REQUEST_VERSION,
};

/** Seconds without acknowledgement after which JetStream redelivers. */
export const ACK_WAIT_SECONDS = 30;

/** The consumer of a stage; trials have one per pool. */
export function consumerOf(stage: ConsumingStage, pool = DEFAULT_POOL): ConsumerDefinition {
  const { consumes, durable } = STAGE_CHAIN[stage];
  const subject = EVENTS[consumes].subject;
  const common = { stream: STREAMS.runs.name, messageVersion: versionOf(consumes) };
  return stage === 'trials'
    ? { ...common, durable: `${durable}-${pool}`, filterSubject: `${subject}.${pool}.>` }
    : { ...common, durable, filterSubject: `${subject}.>` };
}

/** Every consumer that `factory provision` creates, for the given pools. */
export function allConsumers(pools: readonly string[] = [DEFAULT_POOL]): ConsumerDefinition[] {
  const stages = Object.keys(STAGE_CHAIN) as ConsumingStage[];
  return [
    REQUESTS_CONSUMER,
    ...stages.flatMap((stage) =>
      stage === 'trials' ? pools.map((pool) => consumerOf(stage, pool)) : [consumerOf(stage)],
    ),
  ];
}

/** Full subject of an event; `pool` matters for `trials.queued` only. */
export function subjectOf(
  event: EventName,
  key: Pick<ModelKey, 'source' | 'product'>,
  pool = DEFAULT_POOL,
): string {
  const { subject } = EVENTS[event];
  return event === 'trials.queued'
    ? `${subject}.${pool}.${subjectKey(key)}`
    : `${subject}.${subjectKey(key)}`;
}

/** The stage that processes messages on this subject; null for announcements, requests and anything else. */
export function stageOfSubject(subject: string): ConsumingStage | null {
  const event = Object.values(EVENTS).find((one) => subject.startsWith(`${one.subject}.`));
  return event?.consumedBy ?? null;
}

/** `<run>/<event>/<shard>/<generation>`: JetStream deduplicates by it, across the subjects of a stream. */
export function messageIdOf(run: string, event: EventName, shard: string, generation: number): string {
  return `${run}/${event}/${shard}/${generation}`;
}

/** The schema of messages on the requests stream. */
export const REQUEST_SCHEMA = retrainRequested;
