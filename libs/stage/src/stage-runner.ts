import {
  EVENTS,
  newerBody,
  parseMessage,
  STAGE_CHAIN,
  versionOf,
  type ConsumingStage,
  type EventBody,
} from '@factory/contracts';
import {
  BadInputError,
  completePolicyOfRun,
  FactoryError,
  isOfNewerRelease,
  ServerAwayError,
  SourceAwayError,
  SourceWaitError,
  type ModelKey,
  type Policy,
} from '@factory/domain';
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
} from '@factory/ledger';
import { outcomeOfError, type HandlerOutcome, type JetStreamMessage } from '@factory/messaging';
import { type Leave } from '@factory/source';
import type { z } from 'zod';
import type { Announcer } from './announcer';
import { LeaseKeeper } from './lease-keeper';
import { isWaitCause, type SourcePatience, type WaitCause } from './source-patience';
import type { StageObserver } from './stage-observer';

export type InputOf<S extends ConsumingStage> = EventBody<(typeof STAGE_CHAIN)[S]['consumes']>;

/** One claimed unit of work as a use case sees it. */
export interface StageWork<S extends ConsumingStage> {
  /** The message body as stored in the ledger. */
  readonly input: InputOf<S>;
  readonly claim: Claim;
  readonly policy: Policy;
  /** Seed of the draw, as requested; undefined = fixed per source, product and goal. */
  readonly seed: string | undefined;
  /** Aborted when the claim is lost, the run ends, or the service stops: stop working and throw the reason. */
  readonly signal: AbortSignal;
  /** Publishes progress. */
  readonly tell: (doing: string, figures?: Readonly<Record<string, number>>) => void;
}

export interface StageOptions {
  /** What follows when the unit has failed for good; default: the run ends as failed. */
  readonly settleFailed?: (
    sql: Sql,
    header: RunHeader,
    claim: Claim,
    error: unknown,
  ) => Promise<Partial<StageResult>>;
  /** For a stage that reads its run's source: admits the work, or makes it wait without occupying a slot. */
  readonly sources?: SourcePatience;
  /**
   * Effects outside the ledger that follow from the commit, applied before its events are published. Must be
   * safe to repeat.
   */
  readonly afterCommit?: (key: ModelKey, work: WorkId) => Promise<void>;
}

/** What the runner needs besides the ledger. */
export interface StageRunnerOptions {
  /** Owner of the leases; shown to operators. */
  readonly owner: string;
  readonly observer: StageObserver;
  /**
   * Calls `listener` with a run id when all workers are asked to check it; @returns a function that
   * unsubscribes
   */
  readonly onControl: (listener: (run: string) => void) => () => void;
  /** Called when work in progress waits for a server. */
  readonly onUnavailable?: (error: ServerAwayError) => void;
  readonly now?: () => number;
}

/** One delivery and how it is to be processed. */
interface Task<S extends ConsumingStage> {
  readonly stage: S;
  readonly key: ModelKey;
  readonly message: JetStreamMessage;
  readonly execute: (work: StageWork<S>) => Promise<StageResult>;
  readonly stageOptions: StageOptions;
}

/** How long after an outage other workers may still release claims that expired during it, milliseconds. */
const BACK_GRACE_MS = 10_000;
const RETRY_MS = 500;

/**
 * Does the work of one delivered message exactly once (rules R13): claim in the ledger, heartbeat, work,
 * commit, publish. Outcomes are values; the messaging library turns them into acknowledgements in one place.
 */
export class StageRunner {
  private lastAwayAt = -Infinity;
  private lastContactAt: number;

  constructor(
    private readonly claims: Pick<StageClaims, 'claim' | 'renew' | 'release'>,
    private readonly commits: Pick<StageCommits, 'complete' | 'fail'>,
    private readonly announcer: Pick<Announcer, 'announce' | 'announceUnpublished'>,
    private readonly options: StageRunnerOptions,
  ) {
    this.lastContactAt = this.now();
  }

  async run<S extends ConsumingStage>(
    stage: S,
    message: JetStreamMessage,
    execute: (work: StageWork<S>) => Promise<StageResult>,
    stageOptions: StageOptions = {},
  ): Promise<HandlerOutcome> {
    let body: InputOf<S>;
    try {
      body = parseMessage(schemaOf(stage), message.data);
    } catch (error) {
      return outcomeOfError(error, message.deliveryCount);
    }
    try {
      const work = { run: body.run, stage, shard: body.shard };
      const task = { stage, key: body, message, execute, stageOptions };
      const { sources } = stageOptions;
      return await (sources ? this.runOrWait(task, work, sources) : this.claimAndRun(task, work));
    } catch (error) {
      if (error instanceof ClaimLostError) return { kind: 'busy' };
      if (isOfNewerRelease(error)) return outcomeOfError(error, message.deliveryCount);
      if (!(error instanceof ServerAwayError) || error instanceof SourceAwayError) throw error;
      this.lastAwayAt = this.now();
      return { kind: 'unavailable', error };
    }
  }

  /**
   * Work whose source is unavailable is given back before it is claimed; if that shows only later, the claim is
   * released.
   */
  private async runOrWait<S extends ConsumingStage>(
    task: Task<S>,
    work: WorkId,
    sources: SourcePatience,
  ): Promise<HandlerOutcome> {
    let leave: Leave | undefined;
    try {
      leave = once(await sources.enter(task.key.source));
      return await this.claimAndRun(leavingAfter(task, leave), work);
    } catch (error) {
      if (!isWaitCause(error)) throw error;
      return await this.wait(task, work, sources, error);
    } finally {
      leave?.();
    }
  }

  private async wait<S extends ConsumingStage>(
    task: Task<S>,
    work: WorkId,
    sources: SourcePatience,
    cause: WaitCause,
  ): Promise<HandlerOutcome> {
    try {
      const waits = await sources.workWaits(work, cause);
      if (waits) return { kind: 'waiting', delayMs: sources.retryAfterMs(cause), error: cause };
    } catch (error) {
      if (!(error instanceof BadInputError)) throw error;
      return this.claimAndRun({ ...task, execute: () => Promise.reject(error) }, work);
    }
    // The work is done, ended or leased by another worker: that needs no source.
    return this.claimAndRun({ ...task, execute: () => Promise.reject(cause) }, work);
  }

  private async claimAndRun<S extends ConsumingStage>(task: Task<S>, work: WorkId): Promise<HandlerOutcome> {
    const startedAt = performance.now();
    const result = await this.claims.claim(work, this.options.owner, this.serversMayBeJustBack());
    this.lastContactAt = this.now();
    switch (result.kind) {
      case 'unknown':
        return { kind: 'invalid', error: unknownWork(work) };
      case 'busy':
        return { kind: 'busy' };
      case 'done':
      case 'ended':
        await task.stageOptions.afterCommit?.(task.key, work);
        await this.announcer.announceUnpublished(work.run);
        return { kind: result.kind === 'done' ? 'repeated' : 'ended' };
      case 'failed':
        await this.announcer.announceUnpublished(work.run);
        return result.dead
          ? { kind: 'exhausted', attempt: result.attempt, error: result.error }
          : { kind: 'repeated' };
      case 'exhausted':
        return this.fail(result.claim, attemptsUsedUp(result.claim), task.stageOptions);
      case 'claimed':
        return this.work(task, result.claim, startedAt);
    }
  }

  /**
   * A process that has had no contact with the ledger for a while cannot know whether it was available all the
   * time: the owner of an expired lease may be about to release it.
   */
  private serversMayBeJustBack(): boolean {
    const now = this.now();
    return now - this.lastAwayAt < BACK_GRACE_MS || now - this.lastContactAt > BACK_GRACE_MS;
  }

  private async work<S extends ConsumingStage>(
    task: Task<S>,
    claim: Claim,
    startedAt: number,
  ): Promise<HandlerOutcome> {
    const stopping = task.message.signal;
    const lease = new LeaseKeeper(this.claims, claim, stopping);
    const unlisten = this.options.onControl((run) => {
      if (run === claim.run) void lease.renew();
    });
    const finished = this.options.observer.started(claim);
    let events: StoredEvent[];
    try {
      const work = this.workOf(task.stage, claim, lease.signal);
      const startDelayMs = performance.now() - startedAt;
      const result = await this.options.observer.within(claim, () => task.execute(work));
      // A finished result waits for the database, so that the work is not done again.
      events = await this.whenBack(() => this.commits.complete(claim, result, startDelayMs), stopping);
      finished('done');
    } catch (error) {
      return await this.settleError(task, claim, causeOf(error, lease), finished);
    } finally {
      unlisten();
      lease.stop();
    }
    // Retried until the servers answer: if the broker's store were lost meanwhile, no message would trigger it
    // again.
    await this.whenBack(async () => task.stageOptions.afterCommit?.(task.key, claim), stopping);
    await this.announcer.announce(events);
    return { kind: 'done' };
  }

  private workOf<S extends ConsumingStage>(stage: S, claim: Claim, signal: AbortSignal): StageWork<S> {
    const input = schemaOf(stage).safeParse(claim.input);
    if (!input.success)
      throw (
        newerBody(claim.input, versionOf(STAGE_CHAIN[stage].consumes)) ??
        unreadableInput(claim, input.error.message)
      );
    if (!claim.policy) throw unreadablePolicy(claim);
    return {
      input: input.data,
      claim,
      policy: completePolicyOfRun(claim.policy),
      seed: claim.seed ?? undefined,
      signal,
      tell: (doing, figures) => this.options.observer.tell(claim, doing, figures),
    };
  }

  private async settleError<S extends ConsumingStage>(
    { message, stageOptions }: Task<S>,
    claim: Claim,
    error: unknown,
    finished: (outcome: string, error?: unknown) => void,
  ): Promise<HandlerOutcome> {
    if (error instanceof ClaimLostError) {
      finished('claim-lost');
      return { kind: 'busy' };
    }
    if (isWaitCause(error)) {
      // A source at its limit is not a fault: no warning.
      if (error instanceof SourceWaitError && !error.fault) finished(error.code);
      else finished('source-unavailable', error);
      await this.releaseWhenBack(claim, message.signal);
      throw error;
    }
    if (isOfNewerRelease(error)) {
      finished(error.code, error);
      await this.releaseWhenBack(claim, message.signal);
      throw error;
    }
    if (error instanceof ServerAwayError) {
      finished('server-away', error);
      await this.releaseWhenBack(claim, message.signal);
      throw error;
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
      if (failure instanceof ServerAwayError) await this.releaseWhenBack(claim, message.signal);
      throw failure;
    }
  }

  private async fail(claim: Claim, error: unknown, stageOptions: StageOptions): Promise<HandlerOutcome> {
    const { settleFailed } = stageOptions;
    const failure = await this.commits.fail(
      claim,
      error,
      settleFailed && ((sql, header) => settleFailed(sql, header, claim, error)),
    );
    if (failure.kind === 'retry') return { kind: 'retry', attempt: failure.attempt, error };
    await this.announcer.announce(failure.events);
    return failure.dead ? { kind: 'exhausted', attempt: failure.attempt, error } : { kind: 'ended' };
  }

  /**
   * Releases the claim as soon as the database answers, so that the outage uses no attempt. The message stays
   * in progress until then: another worker that received it would find an expired lease and count it as an
   * attempt.
   */
  private releaseWhenBack(claim: Claim, stopping: AbortSignal): Promise<void> {
    return this.whenBack(() => this.claims.release(claim), stopping);
  }

  private async whenBack<T>(work: () => Promise<T>, stopping: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof ServerAwayError) || stopping.aborted) throw error;
        this.lastAwayAt = this.now();
        this.options.onUnavailable?.(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  private now(): number {
    return (this.options.now ?? (() => performance.now()))();
  }
}

/** An answer of the ledger is certain; a missing answer, which a renewal may have reported, is not. */
function causeOf(error: unknown, lease: LeaseKeeper): unknown {
  return error instanceof ClaimLostError ? error : (lease.lostBecause ?? error);
}

/** Leaves the source as soon as it has been read: commit and announcement do not need it. */
function leavingAfter<S extends ConsumingStage>(task: Task<S>, leave: Leave): Task<S> {
  return { ...task, execute: (work) => task.execute(work).finally(leave) };
}

function once(leave: Leave): Leave {
  let left = false;
  return () => {
    if (!left) leave();
    left = true;
  };
}

function schemaOf<S extends ConsumingStage>(stage: S): z.ZodType<InputOf<S>> {
  return EVENTS[STAGE_CHAIN[stage].consumes].schema as unknown as z.ZodType<InputOf<S>>;
}

function unreadableInput(claim: Claim, why: string): FactoryError {
  return new FactoryError('unreadable-input', `${claim.stage}/${claim.shard} was queued with: ${why}`, false);
}

function unreadablePolicy({ run }: Claim): BadInputError {
  return new BadInputError('unreadable-policy', {
    field: 'policy',
    value: run,
    todo: 'send a new request: the policy stored for this run is not a JSON object',
  });
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
