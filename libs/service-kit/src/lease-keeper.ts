import { ServerAwayError } from '@factory/domain';
import { ClaimLostError, LEASE_SECONDS, type Claim, type StageClaims } from '@factory/sql';

const RENEW_EVERY_MS = 10_000;

interface Clock {
  now(): number;
}

/** Keeps a claim alive while its work is done, and aborts the work when the claim is lost. */
export class LeaseKeeper {
  private readonly abort = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private renewedAt: number;

  constructor(
    private readonly claims: Pick<StageClaims, 'renew'>,
    private readonly claim: Claim,
    private readonly onBeat: () => void,
    private readonly clock: Clock = performance,
  ) {
    this.renewedAt = clock.now();
    this.timer = setInterval(() => void this.renew(), RENEW_EVERY_MS);
    this.timer.unref();
  }

  /** Aborted with a ClaimLostError or ServerAwayError as its reason. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Renews now: called on the beat, and when somebody asks to look at the run (cancel). */
  async renew(): Promise<void> {
    if (this.abort.signal.aborted) return;
    try {
      this.onBeat();
      if (await this.claims.renew(this.claim)) this.renewedAt = this.clock.now();
      else this.abort.abort(new ClaimLostError(this.claim));
    } catch (cause) {
      // The lease lives on in the database for a while: give up only when it cannot be ours any more.
      if (this.clock.now() - this.renewedAt > LEASE_SECONDS * 1000)
        this.abort.abort(new ServerAwayError('database', { cause }));
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
