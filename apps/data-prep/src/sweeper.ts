import { ServerAwayError, messageOf } from '@factory/domain';
import type { ConsumerPosition, Orphans, StageCommits, StoredEvent } from '@factory/ledger';
import type { Announcer } from '@factory/stage';

/** What the sweeper needs. */
export interface SweeperPorts {
  readonly orphans: Pick<Orphans, 'alone' | 'ofConsumer' | 'announcements' | 'runsPastDeadline'>;
  /** The position of every consumer; undefined while the stream is not there. */
  readonly positions: { read(): Promise<readonly ConsumerPosition[] | undefined> };
  readonly announcer: Pick<Announcer, 'announce' | 'announceAgain'>;
  readonly commits: Pick<StageCommits, 'end'>;
  /** Asks all workers to look at a run that has ended under their hands. */
  readonly askToLook: (run: string) => void;
  readonly log: {
    info(fields: object, text: string): void;
    warn(fields: object, text: string): void;
    error(fields: object, text: string): void;
  };
  /** Between the end of a sweep and the next, milliseconds. */
  readonly everyMs: number;
}

/** What one sweep did. */
export interface Swept {
  /** Events announced again because their consumer would never have seen them. */
  readonly reannounced: number;
  /** Announcements published that nobody had got to publish. */
  readonly announced: number;
  readonly pastDeadline: number;
}

const AT_ONCE = 16;

/**
 * Finds runs that nobody will ever be told of again, and runs past their deadline (rules R13). One process sweeps
 * at a time; the statements and broker requests of a sweep that finds nothing do not grow with the fleet.
 */
export class Sweeper {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  private stopped = true;
  private lastProblem = '';

  constructor(private readonly ports: SweeperPorts) {}

  /** Sweeps now and then until stopped. */
  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.schedule();
  }

  /** Resolves when the sweep under way, if any, has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.sweeping;
  }

  /**
   * @returns undefined when another process holds the sweeper's lock, or there is no stream
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

  /** A sweep that cannot be done is done next time; the same problem is told once. */
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
      log.warn({}, 'the stream of runs is not there: run `factory provision`');
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
    return { reannounced, announced: announcements.length, pastDeadline };
  }

  private async endOverdue(): Promise<number> {
    const { orphans, commits, announcer, askToLook, log } = this.ports;
    const overdue = await orphans.runsPastDeadline();
    for (const run of overdue) {
      const events = await commits.end(run, {
        outcome: 'failed',
        reason: 'deadline-exceeded',
        details: { message: 'more seconds were worked on it than its policy allows: see deadlineSeconds' },
      });
      if (events.length > 0) log.warn({ run }, 'ended: past its deadline');
      askToLook(run);
      await announcer.announce(events);
    }
    return overdue.length;
  }

  /** @returns how many were announced; others may have been quicker */
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
