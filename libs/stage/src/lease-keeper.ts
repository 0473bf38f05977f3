import { ServerAwayError, type FactoryError } from '@factory/domain';
import { ClaimLostError, LEASE_SECONDS, type Claim, type StageClaims } from '@factory/ledger';

const RENEW_EVERY_MS = 10_000;
/** A lease this old may belong to another worker before the next heartbeat. */
const GIVE_UP_MS = (LEASE_SECONDS - 1) * 1000;

interface Clock {
  now(): number;
}

/**
 * Renews a claim while its work is done. Its signal aborts the work: when the claim is lost, when it could not
 * be renewed in the database in time, or when the service stops.
 */
export class LeaseKeeper {
  private readonly abort = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private renewedAt: number;
  private unanswered = 0;
  private lost: FactoryError | undefined;
  private readonly onStop = (): void => this.abort.abort(this.stopping.reason);

  constructor(
    private readonly claims: Pick<StageClaims, 'renew'>,
    private readonly claim: Claim,
    private readonly stopping: AbortSignal,
    private readonly clock: Clock = performance,
  ) {
    this.renewedAt = clock.now();
    this.timer = setInterval(() => void this.renew(), RENEW_EVERY_MS);
    this.timer.unref();
    if (stopping.aborted) this.onStop();
    stopping.addEventListener('abort', this.onStop);
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Why the claim may no longer be ours: a ClaimLostError or a ServerAwayError; undefined while it is ours. */
  get lostBecause(): FactoryError | undefined {
    return this.lost;
  }

  /** Renews now: called on each heartbeat, and when workers are asked to check the run (cancel). */
  async renew(): Promise<void> {
    if (this.lost) return;
    // A renewal that hangs never fails, so the next heartbeat checks the time instead.
    if (this.unanswered > 0) this.giveUpWhenOld(undefined);
    this.unanswered++;
    const startedAt = this.clock.now();
    try {
      if (await this.claims.renew(this.claim)) this.renewedAt = Math.max(this.renewedAt, startedAt);
      else this.lose(new ClaimLostError(this.claim));
    } catch (cause) {
      this.giveUpWhenOld(cause);
    } finally {
      this.unanswered--;
    }
  }

  stop(): void {
    clearInterval(this.timer);
    this.stopping.removeEventListener('abort', this.onStop);
  }

  private giveUpWhenOld(cause: unknown): void {
    if (this.clock.now() - this.renewedAt >= GIVE_UP_MS)
      this.lose(new ServerAwayError('database', { cause }));
  }

  private lose(reason: FactoryError): void {
    this.lost ??= reason;
    this.abort.abort(reason);
  }
}
