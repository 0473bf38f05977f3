import { createCancelFlag, setCancelFlag } from './trial-messages';

/**
 * Stops the trials of one group, once: waiting trials by `signal`, running trials by a flag that their thread
 * polls, and trials that do not react by force, after a grace period. Call `end` when the group has ended.
 */
export class GroupStop {
  /** One element in shared memory; not 0 = stop. */
  readonly cancel = createCancelFlag();
  private readonly stopping = new AbortController();
  private readonly stopNow = () => this.stop();
  private forced: NodeJS.Timeout | undefined;

  /**
   * @param asked signals that may stop the group
   * @param force ends the threads whose trials still run
   */
  constructor(
    private readonly asked: AbortSignal | undefined,
    private readonly graceMs: number,
    private readonly force: () => void,
  ) {
    if (asked?.aborted) this.stop();
    asked?.addEventListener('abort', this.stopNow, { once: true });
  }

  /** Aborted once the group stops. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  stop(): void {
    if (this.signal.aborted) return;
    setCancelFlag(this.cancel);
    this.stopping.abort();
    this.forced = setTimeout(this.force, this.graceMs);
  }

  end(): void {
    this.asked?.removeEventListener('abort', this.stopNow);
    clearTimeout(this.forced);
  }
}
