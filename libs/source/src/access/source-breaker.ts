import { SourceWaitError, type SourceAwayError } from '@factory/domain';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SourceBreakerOptions {
  /** Asks the source for a connection; resolves to the fault, undefined if there is none. Must not throw. */
  readonly probe: () => Promise<SourceAwayError | undefined>;
  /** Monotonic clock, milliseconds. */
  readonly now: () => number;
  /** In [0, 1): adds jitter to probes and redeliveries. */
  readonly random: () => number;
  /**
   * Called when the source becomes unavailable (its fault), for a different reason than before, or available
   * again (undefined).
   */
  readonly onChange?: (fault: SourceAwayError | undefined) => void;
}

/** If the last contact was this recent, no probe is needed. */
const FRESH_MS = 5_000;
/** Maximum wait of a message in progress for a probe: a source that does not answer must not occupy a slot. */
const PATIENCE_MS = 500;
const FIRST_BACKOFF_MS = 1_000;
/** Waiting work resumes within a minute of the source: the probe, and the redelivery after it. */
const LAST_BACKOFF_MS = 45_000;
/** A source that answers now and then is probed more often than one that never does. */
const FLAPPING_BACKOFF_MS = 8_000;
/** Work that has been running this long shows that the source is available. */
const TRUST_MS = 10_000;
/** A source that was available this long is not flapping. */
const STEADY_MS = 60_000;
/** Delay of a message that met an unfinished probe or another message's trial. */
const SHORT_WAIT_MS = 1_000;

interface Probing {
  readonly startedAt: number;
  /** Resolves to the fault that it met. */
  readonly done: Promise<SourceAwayError | undefined>;
}

/**
 * Circuit breaker of one source in this process. Closed: the source answers. Open: it does not; only probes
 * contact it, first after 1 s, then at growing intervals of at most 45 s. Half-open: a probe was answered and
 * one piece of work is on trial; the others follow when it has succeeded. Every failed piece of work doubles
 * the pause, every successful one halves it, so a flapping source works as often as possible at little cost.
 *
 * Probes are triggered by deliveries: a source without waiting work is not probed.
 */
export class SourceBreaker {
  private state: 'closed' | 'open' | 'half-open' = 'closed';
  private current: SourceAwayError | undefined;
  private contactAt = -Infinity;
  private closedAt = -Infinity;
  private probeAt = -Infinity;
  private backoffMs = 0;
  /** Since when one piece of work is on trial; undefined = none. */
  private trialAt: number | undefined;
  private probing: Probing | undefined;

  constructor(
    private readonly source: string,
    private readonly options: SourceBreakerOptions,
  ) {}

  /** Why the source is unavailable; undefined while it is available. */
  get fault(): SourceAwayError | undefined {
    return this.current;
  }

  /**
   * When work that has just failed or was not admitted should be retried. Milliseconds from now, with jitter.
   */
  get retryAfterMs(): number {
    const wait = this.state === 'open' ? this.probeAt - this.options.now() : SHORT_WAIT_MS;
    return Math.round(Math.max(wait, SHORT_WAIT_MS) + SHORT_WAIT_MS * this.options.random());
  }

  /**
   * Whether it is known, without a probe, that work has to wait: redeliveries in the meantime cost next to
   * nothing.
   */
  peek(): SourceWaitError | undefined {
    return this.state === 'open' && this.options.now() < this.probeAt ? this.wait() : undefined;
  }

  /** Resolves when work may begin. @throws SourceWaitError if it has to wait */
  async admit(): Promise<void> {
    if (this.state === 'closed' && this.options.now() - this.contactAt < FRESH_MS) return;
    const known = this.peek();
    if (known) throw known;
    if (this.state !== 'half-open') await this.askPatiently();
    if (this.currentState() === 'half-open') this.tryOrWait();
  }

  /** A connection was made, or the source has sent data. */
  contacted(): void {
    this.contactAt = this.options.now();
  }

  /** A piece of work succeeded. */
  succeeded(): void {
    this.contacted();
    if (this.state === 'half-open') this.close();
    // Work that began before the fault succeeded nevertheless: probe soon.
    else if (this.state === 'open') this.probeAt = Math.min(this.probeAt, this.options.now());
    else this.backoffMs /= 2;
  }

  /** A piece of work, or its attempt to connect, failed because of the source. */
  failed(fault: SourceAwayError): void {
    const told = this.current;
    this.current = fault;
    if (this.state !== 'open') this.open();
    if (told?.code !== fault.code) this.options.onChange?.(fault);
  }

  /**
   * Only one probe at a time, however many callers. Resolves when it has ended, to the fault if there is one.
   */
  ask(): Promise<SourceAwayError | undefined> {
    return (this.probing ?? this.startProbe()).done;
  }

  /** A piece of work that was admitted has ended, with any result. */
  left(): void {
    this.trialAt = undefined;
  }

  private currentState(): 'closed' | 'open' | 'half-open' {
    return this.state;
  }

  private async askPatiently(): Promise<void> {
    const probing = this.probing ?? this.startProbe();
    const left = probing.startedAt + PATIENCE_MS - this.options.now();
    if (left <= 0) throw this.wait();
    const over = new AbortController();
    const answered = await Promise.race([
      probing.done.then(() => true),
      sleep(left, false, { signal: over.signal }).catch(() => false),
    ]);
    over.abort();
    if (!answered || this.currentState() === 'open') throw this.wait();
  }

  private startProbe(): Probing {
    const done = this.options.probe().then((fault) => {
      this.probing = undefined;
      if (fault) this.probeFailed(fault);
      else this.probeAnswered();
      return fault;
    });
    this.probing = { startedAt: this.options.now(), done };
    return this.probing;
  }

  private probeFailed(fault: SourceAwayError): void {
    if (this.state === 'open') this.pause();
    this.failed(fault);
  }

  private probeAnswered(): void {
    this.contacted();
    if (this.state !== 'open') return;
    this.backoffMs = Math.min(this.backoffMs, FLAPPING_BACKOFF_MS);
    this.state = 'half-open';
    this.trialAt = undefined;
  }

  private tryOrWait(): void {
    const now = this.options.now();
    if (this.trialAt === undefined) this.trialAt = now;
    else if (now - this.trialAt >= TRUST_MS) this.close();
    else throw this.wait();
  }

  private open(): void {
    if (this.state === 'closed' && this.options.now() - this.closedAt >= STEADY_MS) this.backoffMs = 0;
    this.state = 'open';
    this.pause();
  }

  private pause(): void {
    this.backoffMs = Math.min(Math.max(this.backoffMs * 2, FIRST_BACKOFF_MS), LAST_BACKOFF_MS);
    this.probeAt = this.options.now() + this.backoffMs * (0.8 + 0.2 * this.options.random());
  }

  private close(): void {
    this.state = 'closed';
    this.closedAt = this.options.now();
    this.backoffMs /= 2;
    this.current = undefined;
    this.options.onChange?.(undefined);
  }

  private wait(): SourceWaitError {
    return new SourceWaitError(this.source, this.retryAfterMs, this.current ?? null);
  }
}
