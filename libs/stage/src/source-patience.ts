import { BadInputError, SourceAwayError, SourceWaitError } from '@factory/domain';
import type { SourceWaits, Waiting, WorkId } from '@factory/ledger';
import type { Leave, SourceAdmission } from '@factory/source';

/** An error that makes work on one source wait. */
export type WaitCause = SourceWaitError | SourceAwayError;

export function isWaitCause(error: unknown): error is WaitCause {
  return error instanceof SourceWaitError || error instanceof SourceAwayError;
}

const RECORD_EVERY_MS = 30_000;
const MOST_RECORDED = 50_000;

/** The last record in the ledger about a piece of work. */
interface Recorded {
  readonly why: SourceAwayError['why'];
  readonly at: number;
  /** When its grace period ends if the source keeps refusing. */
  readonly overAt: number;
}

/**
 * How long work and requests wait for an unavailable source: without limit while it is unreachable, and for a
 * grace period while it refuses the account, since an operator has to correct that. The ledger measures the
 * time from the first refusal of this piece of work, so restarts do not reset it.
 */
export class SourcePatience {
  private readonly recorded = new Map<string, Recorded>();

  constructor(
    private readonly admission: SourceAdmission | undefined,
    private readonly waits: Pick<SourceWaits, 'recordWork' | 'recordRequest' | 'forgetRequest'>,
    private readonly credentialsGraceSeconds: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Called before work is claimed. @throws SourceWaitError */
  async enter(source: string): Promise<Leave> {
    return (await this.admission?.enter(source)) ?? (() => undefined);
  }

  /**
   * Called before a request is processed.
   *
   * @throws SourceWaitError if its source is known to be unavailable now
   */
  async expectRequest(requestKey: string, source: string): Promise<void> {
    const known = this.admission?.peek(source);
    if (!known) return;
    await this.requestWaits(requestKey, known);
    throw known;
  }

  /** When to try again, milliseconds from now. */
  retryAfterMs(cause: WaitCause): number {
    if (cause instanceof SourceWaitError) return cause.retryAfterMs;
    return this.admission?.retryAfterMs(cause.source) ?? 1_000;
  }

  /**
   * Records that work waits. A source that is only at its limit is not recorded.
   *
   * @returns false when there is nothing to wait for: the work is done or leased by another worker, or its run
   * has ended
   * @throws BadInputError with the fault's code, such as `source-access-denied`, when it has waited long enough
   */
  async workWaits(work: WorkId, cause: WaitCause): Promise<boolean> {
    const fault = faultOf(cause);
    const name = `${work.run}/${work.stage}/${work.shard}`;
    if (!fault) return true;
    // Not for work that was claimed: the claim cleared its record of waiting.
    if (cause instanceof SourceWaitError && this.isRecorded(name, fault)) return true;
    const waiting = await this.waits.recordWork(work, fault.why);
    if (!waiting) return false;
    this.remember(name, fault, waiting);
    this.endIfOver(fault, waiting);
    return true;
  }

  /** As `workWaits`, for a request that cannot be accepted yet. */
  async requestWaits(requestKey: string, cause: WaitCause): Promise<void> {
    const fault = faultOf(cause);
    if (!fault || this.isRecorded(requestKey, fault)) return;
    const waiting = await this.waits.recordRequest(requestKey, fault.source, fault.why);
    this.remember(requestKey, fault, waiting);
    try {
      this.endIfOver(fault, waiting);
    } catch (error) {
      await this.waits.forgetRequest(requestKey);
      throw error;
    }
  }

  /** A request was accepted or given up: it no longer waits. */
  requestEnded(requestKey: string): Promise<void> {
    this.recorded.delete(requestKey);
    return this.waits.forgetRequest(requestKey);
  }

  /** Thousands may wait and be redelivered every minute: not each redelivery needs a write to the ledger. */
  private isRecorded(name: string, fault: SourceAwayError): boolean {
    const last = this.recorded.get(name);
    if (last?.why !== fault.why || this.now() - last.at > RECORD_EVERY_MS) return false;
    return fault.why !== 'refused' || this.now() < last.overAt;
  }

  private remember(name: string, { why }: SourceAwayError, { refusedSeconds }: Waiting): void {
    const at = this.now();
    const overAt = at + (this.credentialsGraceSeconds - refusedSeconds) * 1_000;
    this.recorded.delete(name);
    this.recorded.set(name, { why, at, overAt });
    // Ordered by their last record: the first is the oldest.
    for (const [oldest, { at: then }] of this.recorded) {
      if (at - then <= RECORD_EVERY_MS && this.recorded.size <= MOST_RECORDED) return;
      this.recorded.delete(oldest);
    }
  }

  private endIfOver(fault: SourceAwayError, { refusedSeconds }: Waiting): void {
    if (fault.why !== 'refused' || refusedSeconds < this.credentialsGraceSeconds) return;
    throw new BadInputError(
      fault.code,
      {
        field: `sources.${fault.source}`,
        value: `refused for ${Math.floor(refusedSeconds)} s`,
        todo: `correct the fault, then send the request again or use \`factory runs resume\`: ${fault.message}`,
      },
      { cause: fault },
    );
  }
}

function faultOf(cause: WaitCause): SourceAwayError | null {
  return cause instanceof SourceWaitError ? cause.fault : cause;
}
