import { EVENTS, parseMessage, STAGE_CHAIN, type ConsumingStage, type EventBody } from '@factory/contracts';
import {
  BadInputError,
  completePolicy,
  FactoryError,
  ServerAwayError,
  type ModelKey,
  type Policy,
} from '@factory/domain';
import type { HandlerOutcome, JetStreamMessage } from '@factory/messaging';
import {
  ClaimLostError,
  type Claim,
  type RunHeader,
  type Sql,
  type StageClaims,
  type StageCommits,
  type StageResult,
  type StoredEvent,
  type WorkId,
} from '@factory/sql';
import type { z } from 'zod';
import type { Announcer } from './announcer';
import { LeaseKeeper } from './lease-keeper';
import type { StageObserver } from './stage-observer';

export type InputOf<S extends ConsumingStage> = EventBody<(typeof STAGE_CHAIN)[S]['consumes']>;

/** One claimed unit of work as a use case's wiring sees it. */
export interface StageWork<S extends ConsumingStage> {
  /** The message body, as the ledger keeps it. */
  readonly input: InputOf<S>;
  readonly claim: Claim;
  readonly policy: Policy;
  /** Of the draw, as requested; undefined = fixed per source, product and goal. */
  readonly seed: string | undefined;
  /** Aborted when the claim is lost, the run ends, or the service stops: stop working and throw the reason. */
  readonly signal: AbortSignal;
  /** Tells whoever watches. */
  readonly tell: (doing: string, figures?: Readonly<Record<string, number>>) => void;
}

export interface StageOptions {
  /** What follows when the unit has failed for good; by default the run ends as failed. */
  readonly settleFailed?: (sql: Sql, header: RunHeader) => Promise<Partial<StageResult>>;
  /** Effects outside the ledger that follow from the commit, before its events go out. Must be safe to repeat. */
  readonly afterCommit?: (key: ModelKey) => Promise<void>;
}

/** What the runner needs besides the ledger. */
export interface StageRunnerOptions {
  /** Who works: lease owner, for people who look. */
  readonly owner: string;
  readonly observer: StageObserver;
  /** Calls back with a run id when all workers are asked to look at it; @returns how to stop listening */
  readonly onControl: (listener: (run: string) => void) => () => void;
  readonly now?: () => number;
}

/** After an outage others get this long to give back claims that ran out meanwhile, milliseconds. */
const BACK_GRACE_MS = 10_000;
const RETRY_MS = 500;

/**
 * Does one delivered message's work exactly once (DESIGN 3): claim in the ledger, heartbeat, work, commit, publish.
 * Outcomes are values; the messaging library turns them into acknowledgements in one place.
 */
export class StageRunner {
  private lastAwayAt = -Infinity;

  constructor(
    private readonly claims: StageClaims,
    private readonly commits: StageCommits,
    private readonly announcer: Announcer,
    private readonly options: StageRunnerOptions,
  ) {}

  async run<S extends ConsumingStage>(
    stage: S,
    message: JetStreamMessage,
    execute: (work: StageWork<S>) => Promise<StageResult>,
    stageOptions: StageOptions = {},
  ): Promise<HandlerOutcome> {
    const schema = EVENTS[STAGE_CHAIN[stage].consumes].schema as unknown as z.ZodType<InputOf<S>>;
    let body: InputOf<S>;
    try {
      body = parseMessage(schema, message.data);
    } catch (error) {
      return { kind: 'invalid', error };
    }
    const work = { run: body.run, stage, shard: body.shard };
    try {
      return await this.claimAndRun(stage, work, body, schema, message, execute, stageOptions);
    } catch (error) {
      if (error instanceof ClaimLostError) return { kind: 'busy' };
      if (!(error instanceof ServerAwayError)) throw error;
      this.lastAwayAt = this.now();
      return { kind: 'unavailable', error };
    }
  }

  private async claimAndRun<S extends ConsumingStage>(
    stage: S,
    work: WorkId,
    key: ModelKey,
    schema: z.ZodType<InputOf<S>>,
    message: JetStreamMessage,
    execute: (work: StageWork<S>) => Promise<StageResult>,
    stageOptions: StageOptions,
  ): Promise<HandlerOutcome> {
    const claimStarted = performance.now();
    const serversJustBack = this.now() - this.lastAwayAt < BACK_GRACE_MS;
    const result = await this.claims.claim(work, this.options.owner, serversJustBack);
    switch (result.kind) {
      case 'unknown':
        return { kind: 'invalid', error: unknownWork(work) };
      case 'busy':
        return { kind: 'busy' };
      case 'done':
      case 'ended':
        await stageOptions.afterCommit?.(key);
        await this.announcer.announceUnpublished(work.run);
        return { kind: result.kind === 'done' ? 'repeated' : 'ended' };
      case 'exhausted':
        return this.fail(result.claim, attemptsUsedUp(result.claim), stageOptions);
      case 'claimed':
        return this.work(stage, result.claim, schema, message, execute, stageOptions, claimStarted);
    }
  }

  private async work<S extends ConsumingStage>(
    stage: S,
    claim: Claim,
    schema: z.ZodType<InputOf<S>>,
    message: JetStreamMessage,
    execute: (work: StageWork<S>) => Promise<StageResult>,
    stageOptions: StageOptions,
    claimStarted: number,
  ): Promise<HandlerOutcome> {
    const { observer } = this.options;
    const lease = new LeaseKeeper(this.claims, claim, () => message.working());
    const unlisten = this.options.onControl((run) => {
      if (run === claim.run) void lease.renew();
    });
    const signal = AbortSignal.any([lease.signal, message.signal]);
    const finished = observer.started(claim);
    try {
      const input = schema.parse(claim.input);
      const startDelayMs = performance.now() - claimStarted;
      const result = await observer.within(claim, () =>
        execute({
          input,
          claim,
          policy: completePolicy(claim.policy),
          seed: claim.seed ?? undefined,
          signal,
          tell: (doing, figures) => observer.tell(claim, doing, figures),
        }),
      );
      const events = await this.completeWhenBack(claim, result, startDelayMs, message.signal);
      finished('done');
      await stageOptions.afterCommit?.(input);
      await this.announcer.announce(events);
      return { kind: 'done' };
    } catch (error) {
      return await this.settleError(claim, error, lease, message, stageOptions, finished);
    } finally {
      unlisten();
      lease.stop();
    }
  }

  /** Work that is done waits for the database rather than being done again. */
  private async completeWhenBack(
    claim: Claim,
    result: StageResult,
    startDelayMs: number,
    stopping: AbortSignal,
  ): Promise<StoredEvent[]> {
    for (;;) {
      try {
        return await this.commits.complete(claim, result, startDelayMs);
      } catch (error) {
        if (!(error instanceof ServerAwayError) || stopping.aborted) throw error;
        this.lastAwayAt = this.now();
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  private async settleError(
    claim: Claim,
    error: unknown,
    lease: LeaseKeeper,
    message: JetStreamMessage,
    stageOptions: StageOptions,
    finished: (outcome: string, error?: unknown) => void,
  ): Promise<HandlerOutcome> {
    const cause: unknown = lease.signal.aborted ? lease.signal.reason : error;
    if (cause instanceof ClaimLostError) {
      finished('claim-lost');
      return { kind: 'busy' };
    }
    if (cause instanceof ServerAwayError) {
      finished('server-away', cause);
      this.releaseWhenBack(claim);
      throw cause;
    }
    if (message.signal.aborted) {
      finished('stopped');
      await this.claims.release(claim);
      return { kind: 'stopped' };
    }
    finished('failed', error);
    try {
      return await this.fail(claim, error, stageOptions);
    } catch (failure) {
      if (failure instanceof ServerAwayError) this.releaseWhenBack(claim);
      throw failure;
    }
  }

  private async fail(claim: Claim, error: unknown, stageOptions: StageOptions): Promise<HandlerOutcome> {
    const failure = await this.commits.fail(claim, error, stageOptions.settleFailed);
    if (failure.kind === 'retry') return { kind: 'retry', attempt: failure.attempt, error };
    await this.announcer.announce(failure.events);
    return failure.dead ? { kind: 'exhausted', attempt: failure.attempt, error } : { kind: 'ended' };
  }

  /** Gives the claim back as soon as the database answers, so that the outage costs no attempt. */
  private releaseWhenBack(claim: Claim): void {
    const retry = (): void => {
      this.claims.release(claim).catch(() => setTimeout(retry, RETRY_MS).unref());
    };
    retry();
  }

  private now(): number {
    return (this.options.now ?? (() => performance.now()))();
  }
}

function unknownWork(work: WorkId): BadInputError {
  return new BadInputError('unknown-run', {
    field: 'run',
    value: `${work.run} ${work.stage}/${work.shard}`,
    todo: 'the ledger does not know it: was the database replaced? Send a new request',
  });
}

function attemptsUsedUp(claim: Claim): FactoryError {
  return new FactoryError(
    'attempts-exhausted',
    `${claim.stage}/${claim.shard} was given up after ${claim.attempt} attempts: see \`factory runs show ${claim.run}\``,
    true,
  );
}
