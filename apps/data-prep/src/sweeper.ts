import { ServerAwayError, messageOf } from '@factory/domain';
import type { ConsumerPosition, Orphans, StageCommits, StoredEvent } from '@factory/ledger';
import type { Announcer } from '@factory/stage';
import type { RequestHistory } from './request-history';

/** Dependencies of the sweeper. */
export interface SweeperPorts {
  readonly orphans: Pick<Orphans, 'alone' | 'ofConsumer' | 'announcements' | 'deadlines'>;
  /** The position of every consumer; undefined while the stream does not exist. */
  readonly positions: { read(): Promise<readonly ConsumerPosition[] | undefined> };
  /** Room for new requests. */
  readonly history: Pick<RequestHistory, 'trim'>;
  readonly announcer: Pick<Announcer, 'announce' | 'announceAgain'>;
  readonly commits: Pick<StageCommits, 'end'>;
  /** Notifies all workers that a run has ended while they may be working on it. */
  readonly askToLook: (run: string) => void;
  readonly log: {
    info(fields: object, text: string): void;
    warn(fields: object, text: string): void;
    error(fields: object, text: string): void;
  };
  /** Between the end of a sweep and the next, milliseconds. */
  readonly everyMs: number;
}

/** Result of one sweep. */
export interface Swept {
  /** Events announced again because their consumer would never have received them. */
  readonly reannounced: number;
  /** Committed events that had not been published yet. */
  readonly announced: number;
  readonly pastDeadline: number;
  /** Requests that were taken long ago, removed from their stream. */
  readonly trimmed: number;
}

const AT_ONCE = 16;

/**
 * Finds open work without a pending message, and runs past their deadline (rules R13). One process sweeps at a
 * time; the number of statements and broker requests of a sweep that finds nothing does not grow with the number
 * of products.
 */
export class Sweeper {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  private stopped = true;
  private lastProblem = '';
  /** Runs of which it was said that their deadline cannot be read. */
  private toldUnreadable: ReadonlySet<string> = new Set();

  constructor(private readonly ports: SweeperPorts) {}

  /** Sweeps periodically until stopped. */
  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.schedule();
  }

  /** Resolves when the current sweep, if any, has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.sweeping;
  }

  /**
   * @returns undefined if another process holds the sweeper's lock, or the stream does not exist
   * @throws ServerAwayError
   */
  async sweep(): Promise<Swept | undefined> {
    let swept: Swept | undefined;
    await this.ports.orphans.alone(async () => {
      swept = await this.sweepAlone();
    });
    return swept;
  }

  private schedule(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.sweeping = this.sweepOrTell().finally(() => this.schedule());
    }, this.ports.everyMs);
    this.timer.unref();
  }

  /** A failed sweep is repeated next time; the same problem is logged once. */
  private async sweepOrTell(): Promise<void> {
    const { log } = this.ports;
    try {
      const swept = await this.sweep();
      this.lastProblem = '';
      if (swept && Object.values(swept).some((count) => count > 0)) log.info({ ...swept }, 'swept');
    } catch (error) {
      const problem = messageOf(error);
      if (problem === this.lastProblem) return;
      this.lastProblem = problem;
      if (error instanceof ServerAwayError) log.warn({}, `sweeping waits: ${problem}`);
      else log.error({ err: error }, `sweep failed: ${problem}`);
    }
  }

  private async sweepAlone(): Promise<Swept | undefined> {
    const { orphans, positions, announcer, log } = this.ports;
    const pastDeadline = await this.endOverdue();
    const consumers = await positions.read();
    if (!consumers) {
      log.warn({}, 'the stream of runs does not exist: run `factory provision`');
      return undefined;
    }
    let reannounced = 0;
    for (const consumer of consumers) {
      const events = await orphans.ofConsumer(consumer);
      if (events.length > 0) log.warn({ consumer, events: events.map(nameOf) }, 'orphaned: announced again');
      reannounced += await this.announceAgain(events);
    }
    const announcements = await orphans.announcements();
    await announcer.announce(announcements);
    return { reannounced, announced: announcements.length, pastDeadline, trimmed: await this.makeRoom() };
  }

  private async makeRoom(): Promise<number> {
    const { removed, nearlyFull } = await this.ports.history.trim();
    if (nearlyFull !== undefined)
      this.ports.log.warn(
        { percent: nearlyFull },
        'the stream of requests is nearly full: when it is full, new requests are refused. See who publishes, or raise STREAM_REQUESTS_WAITING and provision again',
      );
    return removed;
  }

  private async endOverdue(): Promise<number> {
    const { orphans, commits, announcer, askToLook, log } = this.ports;
    const { past: overdue, unreadable } = await orphans.deadlines();
    this.tellUnreadable(unreadable);
    for (const run of overdue) {
      const events = await commits.end(run, {
        outcome: 'failed',
        reason: 'deadline-exceeded',
        details: { message: 'its total work time exceeds deadlineSeconds of its policy' },
      });
      if (events.length > 0) log.warn({ run }, 'ended: past its deadline');
      askToLook(run);
      await announcer.announce(events);
    }
    return overdue.length;
  }

  /** A deadline of a later release is for a sweeper of that release. Each run is told once. */
  private tellUnreadable(runs: readonly string[]): void {
    const fresh = runs.filter((run) => !this.toldUnreadable.has(run));
    this.toldUnreadable = new Set(runs);
    if (fresh.length > 0)
      this.ports.log.warn(
        { runs: fresh },
        'left alone: this release cannot read deadlineSeconds of their policy: upgrade data-prep, or cancel them',
      );
  }

  /** @returns how many were announced; other processes may have announced some of them */
  private async announceAgain(events: readonly StoredEvent[]): Promise<number> {
    let announced = 0;
    for (let from = 0; from < events.length; from += AT_ONCE) {
      const part = events.slice(from, from + AT_ONCE);
      const done = await Promise.all(part.map((event) => this.ports.announcer.announceAgain(event)));
      announced += done.filter(Boolean).length;
    }
    return announced;
  }
}

function nameOf(event: StoredEvent): string {
  return event.messageId;
}
