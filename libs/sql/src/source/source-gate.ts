import { SourceWaitError, type SourceAwayError } from '@factory/domain';
import { SourceBreaker } from './source-breaker';

export interface SourceGateOptions {
  /** Asks a source for a connection; the answer is the fault, undefined when there is none. Must not throw. */
  readonly probe: (source: string) => Promise<SourceAwayError | undefined>;
  /** Stages that read one source at a time. */
  readonly sourceConcurrency: number;
  /** Of this process and kind of work; one source takes at most all but one of them while others have work. */
  readonly slots: number;
  readonly onChange?: (source: string, fault: SourceAwayError | undefined) => void;
  readonly now?: () => number;
  readonly random?: () => number;
}

/** Tells that a piece of work no longer reads its source. */
export type Leave = () => void;

/** Lets work on sources in. */
export interface SourceAdmission {
  /**
   * Before work on a source is claimed.
   *
   * @returns what to call when it has ended
   * @throws SourceWaitError when it has to come again later
   */
  enter(source: string): Promise<Leave>;
  /** When work that has failed because of its source should come again, milliseconds from now. */
  retryAfterMs(source: string): number;
}

/** Another source that had work within this time may have more. */
const SEEN_MS = 10 * 60_000;
const LEAST_WAIT_MS = 500;
const LAST_WAIT_MS = 60_000;
/** Before anything is known of a source. */
const FIRST_READ_MS = 1_000;

interface Standing {
  readonly breaker: SourceBreaker;
  reading: number;
  listing: number;
  seenAt: number;
  /** The source was full, with work of other processes as well, until then. */
  fullUntil: number;
  /** The last appointment that was given. */
  appointment: number;
  readMs: number;
}

/**
 * Keeps work on a source that cannot be done now out of the slots that all sources share (RULES R12): a source that
 * is unavailable, or that has as much to do as it takes at a time. What has to wait gets an appointment: about as
 * many come again in a second as the source can take, however many wait.
 */
export class SourceGate implements SourceAdmission {
  private readonly standings = new Map<string, Standing>();

  constructor(private readonly options: SourceGateOptions) {}

  /** Sources that are unavailable, and why. */
  faults(): ReadonlyMap<string, SourceAwayError> {
    const found = new Map<string, SourceAwayError>();
    for (const [source, { breaker }] of this.standings) if (breaker.fault) found.set(source, breaker.fault);
    return found;
  }

  async enter(source: string): Promise<Leave> {
    const standing = this.seen(source);
    const now = this.now();
    if (standing.reading >= this.mostReading(source, now) || now < standing.fullUntil)
      throw this.appointment(source, standing);
    return admitted(standing, 'reading');
  }

  /** As `enter`, for reads that need no slot of the source: one of a source at a time in this process. */
  async enterLight(source: string): Promise<Leave> {
    const standing = this.seen(source);
    if (standing.listing > 0)
      throw new SourceWaitError(source, LEAST_WAIT_MS, standing.breaker.fault ?? null);
    return admitted(standing, 'listing');
  }

  retryAfterMs(source: string): number {
    return this.seen(source).breaker.retryAfterMs;
  }

  contacted(source: string): void {
    this.seen(source).breaker.contacted();
  }

  /** @param readMs how long a slot of the source was held; absent for light reads */
  succeeded(source: string, readMs?: number): void {
    const standing = this.seen(source);
    if (readMs !== undefined) standing.readMs += (readMs - standing.readMs) / 4;
    standing.breaker.succeeded();
  }

  failed(source: string, fault: SourceAwayError): void {
    this.seen(source).breaker.failed(fault);
  }

  /** Other processes read the source as well: nothing of it is let in for a moment. */
  full(source: string): SourceWaitError {
    const standing = this.seen(source);
    const error = this.appointment(source, standing);
    standing.fullUntil = this.now() + Math.min(error.retryAfterMs, 2 * LEAST_WAIT_MS);
    return error;
  }

  /** Whether the source answers a connection now; work under way that hears nothing asks. */
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

  /** Twice as often as the source seems to need: an estimate that is too slow would leave it idle. */
  private appointment(source: string, standing: Standing): SourceWaitError {
    const now = this.now();
    const apart = standing.readMs / (2 * this.options.sourceConcurrency);
    standing.appointment = Math.min(
      Math.max(standing.appointment + apart, now + LEAST_WAIT_MS),
      now + LAST_WAIT_MS,
    );
    const wait = (standing.appointment - now) * (0.9 + 0.2 * this.random());
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
        ...{ reading: 0, listing: 0, seenAt: 0, fullUntil: -Infinity, appointment: -Infinity },
        readMs: FIRST_READ_MS,
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

/** Counts a piece of work in until it has left. */
async function admitted(standing: Standing, counter: 'reading' | 'listing'): Promise<Leave> {
  standing[counter]++;
  try {
    await standing.breaker.admit();
  } catch (error) {
    standing[counter]--;
    throw error;
  }
  return () => {
    standing[counter]--;
    standing.breaker.left();
  };
}
