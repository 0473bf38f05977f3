import { consumerOf, STREAMS } from '@factory/contracts';
import { DEFAULT_POLICY, runIdOf } from '@factory/domain';
import {
  EventLog,
  Orphans,
  Requests,
  Runs,
  StageClaims,
  StageCommits,
  sqlOf,
  type EventDraft,
  type StageResult,
  type StoredEvent,
} from '@factory/ledger';
import { JetStreamPublisher, settle, type HandlerOutcome, type JetStreamMessage } from '@factory/messaging';
import { jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { Announcer } from './announcer';
import type { StageObserver } from './stage-observer';
import { StageRunner, type StageOptions, type StageWork } from './stage-runner';

export const CHAIN = ['data-prep', 'sampling'] as const;
export type ChainStage = (typeof CHAIN)[number];

/** The effects of a process, in order; a crash comes before one of them, or after all. */
export const STEPS = ['claim', 'work', 'artefact', 'commit', 'publish', 'mark', 'settle', 'rest'] as const;
export type Step = (typeof STEPS)[number];

export interface CrashPoint {
  readonly stage: ChainStage;
  readonly before: Step;
}

const artefact = { key: 'checks', sha256: 'a'.repeat(64), bytes: 1 };
const PREPARED: EventDraft = {
  event: 'data.prepared',
  shard: '0',
  body: {
    window: {
      start: '2023-01-01T00:00:00.000Z',
      trainEnd: '2023-03-01T00:00:00.000Z',
      end: '2023-03-08T00:00:00.000Z',
      days: 59,
      sales: 600,
    },
    checks: artefact,
  },
};

/** What survives every crash of a process: the servers, and the files written so far. */
export class World {
  readonly files = new Map<string, string>();
  readonly log: EventLog;
  readonly orphans: Orphans;
  readonly runs: Runs;
  /** `run/stage` each time a stage's own work starts. */
  readonly worked: string[] = [];
  private started = 0;

  constructor(
    readonly connection: NatsConnection,
    readonly dataSource: DataSource,
  ) {
    this.log = new EventLog(dataSource);
    this.orphans = new Orphans(dataSource);
    this.runs = new Runs(dataSource, 'spec');
  }

  /** Commits a run; its first event is returned unpublished. */
  async commitRun(): Promise<StoredEvent> {
    const key = { source: 'main', product: ++this.started, goal: 'sale' };
    const requestKey = `request-${this.started}`;
    const body = { end: '2023-04-01T00:00:00.000Z', grid: 'quick' };
    await new Requests(this.dataSource, 'spec').take({
      requestKey,
      payload: {},
      requestedBy: 'spec',
      reason: '',
      force: false,
      seed: null,
      until: null,
      runs: [{ ...key, policy: DEFAULT_POLICY, grid: 'quick', body }],
    });
    const [event] = await this.log.unpublished(runIdOf(requestKey, key));
    if (!event) throw new RangeError('a new run has an event');
    return event;
  }

  /** Expires the leases of dead processes, which otherwise takes half a minute. */
  async expireLeases(): Promise<void> {
    await sqlOf(this.dataSource).change(
      "UPDATE factory_stage SET lease_expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE status = 'leased'",
    );
  }

  async stage(run: string, stage: ChainStage): Promise<Record<string, unknown>> {
    const [row] = await sqlOf(this.dataSource).rows(
      'SELECT * FROM factory_stage WHERE run_id = ? AND stage = ?',
      [run, stage],
    );
    return row ?? {};
  }

  /** Message ids of a run on the stream, in order. */
  async messagesOf(run: string): Promise<string[]> {
    const ids: string[] = [];
    const manager = await jetstreamManager(this.connection);
    const { state } = await manager.streams.info(STREAMS.runs.name);
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await manager.streams.getMessage(STREAMS.runs.name, { seq });
      const id = message?.header.get('Nats-Msg-Id');
      if (id?.startsWith(run)) ids.push(id);
    }
    return ids;
  }

  /** Does what the sweeper does for the chain's consumers. */
  async sweep(): Promise<void> {
    await sqlOf(this.dataSource).change('UPDATE factory_event SET touched_at = touched_at - INTERVAL 1 HOUR');
    const manager = await jetstreamManager(this.connection);
    const announcer = new Announcer(this.log, new JetStreamPublisher(this.connection));
    const { created, state } = await manager.streams.info(STREAMS.runs.name);
    for (const stage of CHAIN) {
      const { durable } = consumerOf(stage);
      const { ack_floor } = await manager.consumers.info(STREAMS.runs.name, durable);
      const events = await this.orphans.ofConsumer({
        durable,
        ackFloor: ack_floor.stream_seq,
        streamCreated: created,
        firstSequence: state.first_seq,
        lastSequence: state.last_seq,
      });
      for (const event of events) await announcer.announceAgain(event);
    }
    await announcer.announce(await this.orphans.announcements());
  }
}

const QUIET: StageObserver = {
  started: () => () => undefined,
  within: (_claim, work) => work(),
  tell: () => undefined,
};

/**
 * A service that works on the chain and can die as by `kill -9`: after the crash it does nothing more, not even
 * in a `catch` or `finally`.
 */
export class SpecProcess {
  readonly runner: StageRunner;
  readonly died: Promise<'died'>;
  private dead = false;
  private die: () => void = () => undefined;
  private inHand: ChainStage | undefined;

  constructor(
    private readonly world: World,
    readonly name: string,
    private readonly crash?: CrashPoint,
    onControl: (listener: (run: string) => void) => () => void = () => () => undefined,
    publisher = new JetStreamPublisher(world.connection, { timeoutMs: 1_000 }),
  ) {
    this.died = new Promise((resolve) => {
      this.die = () => resolve('died');
    });
    const claims = new StageClaims(world.dataSource);
    const commits = new StageCommits(world.dataSource, 'spec');
    const { log } = world;
    this.runner = new StageRunner(
      {
        claim: (...given) => this.step('claim', () => claims.claim(...given)),
        renew: (claim) => this.step(undefined, () => claims.renew(claim)),
        release: (claim) => this.step(undefined, () => claims.release(claim)),
      },
      {
        complete: (...given) => this.step('commit', () => commits.complete(...given)),
        fail: (...given) => this.step('commit', () => commits.fail(...given)),
      },
      new Announcer(
        {
          markPublished: (...given) => this.step('mark', () => log.markPublished(...given)),
          unpublished: (run) => this.step(undefined, () => log.unpublished(run)),
          raiseGeneration: (event) => this.step(undefined, () => log.raiseGeneration(event)),
        },
        {
          publish: (...given) => this.step('publish', () => publisher.publish(...given)),
          streamCreated: (stream) => this.step(undefined, () => publisher.streamCreated(stream)),
        },
      ),
      { owner: name, observer: QUIET, onControl },
    );
  }

  /** Handles one delivery as the use cases do: writes a file, then commits its name and hash to the ledger. */
  handle(
    stage: ChainStage,
    message: JetStreamMessage,
    work: (work: StageWork<ChainStage>) => Promise<void> = () => Promise.resolve(),
    options: StageOptions = {},
  ): Promise<HandlerOutcome> {
    this.inHand = stage;
    return this.runner.run(
      stage,
      message,
      async (given) => {
        const { run, token } = given.claim;
        await this.step('work', () => {
          this.world.worked.push(`${run}/${stage}`);
          return work(given);
        });
        const key = `runs/${run}/${stage}/0/${token}/file`;
        const text = `${run} by ${this.name}`;
        await this.step('artefact', () => Promise.resolve(this.world.files.set(key, text)));
        return resultOf(stage, key, text);
      },
      options,
    );
  }

  /** Pulls from the chain's consumers and settles messages, until `stopped` or dead. */
  async serve(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted && !this.dead)
      for (const stage of CHAIN) {
        const pulled = await pullOne(this.world.connection, stage);
        if (!pulled) continue;
        if (this.dead) return;
        const outcome = await Promise.race([this.handle(stage, deliveryOf(pulled, stopped)), this.died]);
        if (outcome === 'died') return;
        const settled = this.step('settle', () => Promise.resolve(answer(pulled, outcome)));
        if ((await Promise.race([settled, this.died])) === 'died') return;
        await Promise.race([this.step('rest', () => this.world.connection.flush()), this.died]);
      }
  }

  private async step<T>(step: Step | undefined, act: () => Promise<T>): Promise<T> {
    if (!this.dead && step && this.crash?.before === step && this.crash.stage === this.inHand) {
      this.dead = true;
      this.die();
    }
    if (this.dead) return new Promise<never>(() => undefined);
    const result = await act();
    return this.dead ? new Promise<never>(() => undefined) : result;
  }
}

/** A message as the broker delivers it, without a broker. */
export function messageOf(event: StoredEvent, signal = new AbortController().signal): JetStreamMessage {
  return {
    data: new TextEncoder().encode(JSON.stringify(event.body)),
    subject: event.subject,
    headers: {},
    stream: STREAMS.runs.name,
    consumer: 'spec',
    streamSequence: 1,
    streamCreated: 'spec',
    storedAt: new Date(0),
    deliveryCount: 1,
    redelivered: false,
    signal,
    working: () => undefined,
  };
}

export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function resultOf(stage: ChainStage, key: string, text: string): StageResult {
  const output = { key, sha256: sha256Of(text) };
  return stage === 'data-prep'
    ? { output, events: [PREPARED] }
    : { output, end: { outcome: 'kept', reason: 'end of the chain' } };
}

/** One message, or undefined if none is available now. */
async function pullOne(connection: NatsConnection, stage: ChainStage): Promise<JsMsg | undefined> {
  const consumer = await jetstream(connection).consumers.get(STREAMS.runs.name, consumerOf(stage).durable);
  const { num_pending, num_ack_pending } = await consumer.info();
  if (num_pending + num_ack_pending === 0) return undefined;
  return (await consumer.next({ expires: 1_000 })) ?? undefined;
}

function deliveryOf(pulled: JsMsg, signal: AbortSignal): JetStreamMessage {
  return {
    data: pulled.data,
    subject: pulled.subject,
    headers: {},
    stream: STREAMS.runs.name,
    consumer: pulled.info.consumer,
    streamSequence: pulled.seq,
    streamCreated: 'spec',
    storedAt: pulled.time,
    deliveryCount: pulled.info.deliveryCount,
    redelivered: pulled.redelivered,
    signal,
    working: () => pulled.working(),
  };
}

function answer(pulled: JsMsg, outcome: HandlerOutcome): void {
  const settlement = settle(outcome);
  if (settlement.kind === 'ack') pulled.ack();
  else if (settlement.kind === 'nak') pulled.nak(Math.min(settlement.delayMs, 100));
  else pulled.term(settlement.code);
}
