import { SourceWaitError, type SourceAwayError } from '@factory/domain';
import { SourceBreaker } from './source-breaker';

export interface SourceGateOptions {
  /** Asks a source for a connection; resolves to the fault, undefined if there is none. Must not throw. */
  readonly probe: (source: string) => Promise<SourceAwayError | undefined>;
  /** Maximum number of stages that read one source at the same time. */
  readonly sourceConcurrency: number;
  /**
   * Slots of this process for one kind of work; one source takes at most all but one of them while others have
   * work.
   */
  readonly slots: number;
  readonly onChange?: (source: string, fault: SourceAwayError | undefined) => void;
  readonly now?: () => number;
  readonly random?: () => number;
}

/** Reports that a piece of work no longer reads its source. */
export type Leave = () => void;

/** Admits work on sources. */
export interface SourceAdmission {
  /**
   * Called before work on a source is claimed.
   *
   * @returns a function to call when the work has ended
   * @throws SourceWaitError if it has to be retried later
   */
  enter(source: string): Promise<Leave>;
  /**
   * Whether it is known, without a probe, that the source is unavailable: called before a request is processed.
   */
  peek(source: string): SourceWaitError | undefined;
  /** When work that has failed because of its source should be retried, milliseconds from now. */
  retryAfterMs(source: string): number;
}

/** Another source that had work within this time may have more. */
const SEEN_MS = 10 * 60_000;
const LEAST_WAIT_MS = 500;
const LAST_WAIT_MS = 60_000;
/** Interval between two deliveries of work that waits for one unavailable source. */
const APART_MS = 50;
/** Estimated reading time of a source that is not known yet. */
const FIRST_READ_MS = 1_000;
const FIRST_LIST_MS = 100;

/** One kind of work on a source. */
interface Turns {
  /** Pieces of work in progress. */
  count: number;
  /** The last appointment that was given. */
  appointment: number;
  /** Moving estimate of the time that a piece of work takes. */
  readMs: number;
}

interface Standing {
  readonly breaker: SourceBreaker;
  readonly reading: Turns;
  readonly listing: Turns;
  /** When the last piece of work that waits because the source is unavailable is due. */
  waiting: number;
  seenAt: number;
  /** Until when the source counts as full because of other processes. */
  fullUntil: number;
}

/**
 * Keeps work on a source that cannot be done now out of the slots that all sources share (rules R12): the
 * source is unavailable, or is already read by as many stages as allowed. Waiting work gets an appointment: per
 * second about as many pieces are retried as the source can take, however many wait.
 */
export class SourceGate implements SourceAdmission {
  private readonly standings = new Map<string, Standing>();

  constructor(private readonly options: SourceGateOptions) {}

  /** Unavailable sources, and why. */
  faults(): ReadonlyMap<string, SourceAwayError> {
    const found = new Map<string, SourceAwayError>();
    for (const [source, { breaker }] of this.standings) if (breaker.fault) found.set(source, breaker.fault);
    return found;
  }

  peek(source: string): SourceWaitError | undefined {
    const standing = this.seen(source);
    const known = standing.breaker.peek();
    if (known) return this.spread(standing, known);
    return standing.listing.count > 0 ? this.appointment(source, standing.listing, 1) : undefined;
  }

  async enter(source: string): Promise<Leave> {
    const standing = this.seen(source);
    const now = this.now();
    if (standing.reading.count >= this.mostReading(source, now) || now < standing.fullUntil)
      throw this.appointment(source, standing.reading, this.options.sourceConcurrency);
    return this.admit(standing, standing.reading);
  }

  /** As `enter`, for reads that need no slot of the source: only one per source at a time in this process. */
  async enterLight(source: string): Promise<Leave> {
    const standing = this.seen(source);
    if (standing.listing.count > 0) throw this.appointment(source, standing.listing, 1);
    return this.admit(standing, standing.listing);
  }

  retryAfterMs(source: string): number {
    const standing = this.seen(source);
    return this.spreadMs(standing, standing.breaker.retryAfterMs);
  }

  contacted(source: string): void {
    this.seen(source).breaker.contacted();
  }

  /** @param readMs how long the source was read */
  succeeded(source: string, kind: 'reading' | 'listing', readMs: number): void {
    const standing = this.seen(source);
    standing[kind].readMs += (readMs - standing[kind].readMs) / 4;
    standing.breaker.succeeded();
  }

  failed(source: string, fault: SourceAwayError): void {
    this.seen(source).breaker.failed(fault);
  }

  /** Other processes use all slots of the source: nothing is admitted for a moment. */
  full(source: string): SourceWaitError {
    const standing = this.seen(source);
    const error = this.appointment(source, standing.reading, this.options.sourceConcurrency);
    standing.fullUntil = this.now() + Math.min(error.retryAfterMs, 2 * LEAST_WAIT_MS);
    return error;
  }

  /** Whether the source accepts a connection now; called by work in progress that receives nothing. */
  ask(source: string): Promise<SourceAwayError | undefined> {
    return this.seen(source).breaker.ask();
  }

  private mostReading(source: string, now: number): number {
    const { sourceConcurrency, slots } = this.options;
    const alone = [...this.standings].every(
      ([name, { seenAt }]) => name === source || now - seenAt > SEEN_MS,
    );
    return Math.min(sourceConcurrency, alone ? slots : Math.max(1, slots - 1));
  }

  /** Counts a piece of work until it has left. */
  private async admit(standing: Standing, turns: Turns): Promise<Leave> {
    turns.count++;
    try {
      await standing.breaker.admit();
    } catch (error) {
      turns.count--;
      throw error instanceof SourceWaitError ? this.spread(standing, error) : error;
    }
    return () => {
      turns.count--;
      standing.breaker.left();
    };
  }

  private spread(standing: Standing, { source, retryAfterMs, fault }: SourceWaitError): SourceWaitError {
    return new SourceWaitError(source, this.spreadMs(standing, retryAfterMs), fault);
  }

  /** The broker delivers redelivered messages before new ones: all at the same time would delay the others. */
  private spreadMs(standing: Standing, retryAfterMs: number): number {
    const now = this.now();
    const next = Math.max(standing.waiting + APART_MS, now + retryAfterMs);
    standing.waiting = Math.min(next, now + Math.max(retryAfterMs, LAST_WAIT_MS));
    return Math.round(standing.waiting - now);
  }

  /** Twice as often as the source seems to need: too slow an estimate would leave it idle. */
  private appointment(source: string, turns: Turns, atOnce: number): SourceWaitError {
    const now = this.now();
    const next = Math.max(turns.appointment + turns.readMs / (2 * atOnce), now + LEAST_WAIT_MS);
    turns.appointment = Math.min(next, now + LAST_WAIT_MS);
    const wait = (turns.appointment - now) * (0.9 + 0.2 * this.random());
    return new SourceWaitError(source, Math.round(wait), null);
  }

  private seen(source: string): Standing {
    let standing = this.standings.get(source);
    if (!standing) {
      const { probe, onChange } = this.options;
      standing = {
        breaker: new SourceBreaker(source, {
          probe: () => probe(source),
          now: () => this.now(),
          random: () => this.random(),
          onChange: (fault) => onChange?.(source, fault),
        }),
        reading: { count: 0, appointment: -Infinity, readMs: FIRST_READ_MS },
        listing: { count: 0, appointment: -Infinity, readMs: FIRST_LIST_MS },
        ...{ waiting: -Infinity, seenAt: 0, fullUntil: -Infinity },
      };
      this.standings.set(source, standing);
    }
    standing.seenAt = this.now();
    return standing;
  }

  private now(): number {
    return (this.options.now ?? (() => performance.now()))();
  }

  private random(): number {
    return (this.options.random ?? Math.random)();
  }
}
