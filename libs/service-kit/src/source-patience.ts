import { BadInputError, SourceAwayError, SourceWaitError } from '@factory/domain';
import type { Leave, SourceAdmission, SourceWaits, Waiting, WorkId } from '@factory/sql';

/** An error that lets work on one source wait. */
export type WaitCause = SourceWaitError | SourceAwayError;

export function isWaitCause(error: unknown): error is WaitCause {
  return error instanceof SourceWaitError || error instanceof SourceAwayError;
}

/**
 * How long work and requests wait for a source that is unavailable: for ever while it is unreachable, and for some
 * time while it refuses the account, since somebody has to correct that. The time is counted by the ledger from the
 * first refusal that this piece of work met, so restarts do not begin it anew.
 */
export class SourcePatience {
  constructor(
    private readonly admission: SourceAdmission | undefined,
    private readonly waits: Pick<SourceWaits, 'recordWork' | 'recordRequest' | 'forgetRequest'>,
    private readonly credentialsGraceSeconds: number,
  ) {}

  /** Before work is claimed. @throws SourceWaitError */
  async enter(source: string): Promise<Leave> {
    return (await this.admission?.enter(source)) ?? (() => undefined);
  }

  /** When to try again, milliseconds from now. */
  retryAfterMs(cause: WaitCause): number {
    if (cause instanceof SourceWaitError) return cause.retryAfterMs;
    return this.admission?.retryAfterMs(cause.source) ?? 1_000;
  }

  /**
   * Records that work waits. A source that is only busy is nothing to tell of.
   *
   * @returns false when there is nothing to wait with: the work is done, or in somebody's hands, or its run has ended
   * @throws BadInputError with the fault's code, such as `source-access-denied`, when it has waited long enough
   */
  async workWaits(work: WorkId, cause: WaitCause): Promise<boolean> {
    const fault = faultOf(cause);
    if (!fault) return true;
    const waiting = await this.waits.recordWork(work, fault.why);
    if (!waiting) return false;
    this.endIfOver(fault, waiting);
    return true;
  }

  /** As `workWaits`, for a request that cannot be taken yet. */
  async requestWaits(requestKey: string, cause: WaitCause): Promise<void> {
    const fault = faultOf(cause);
    if (!fault) return;
    const waiting = await this.waits.recordRequest(requestKey, fault.source, fault.why);
    try {
      this.endIfOver(fault, waiting);
    } catch (error) {
      await this.waits.forgetRequest(requestKey);
      throw error;
    }
  }

  /** A request was taken: it waits no more. */
  requestTaken(requestKey: string): Promise<void> {
    return this.waits.forgetRequest(requestKey);
  }

  private endIfOver(fault: SourceAwayError, { refusedSeconds }: Waiting): void {
    if (fault.why !== 'refused' || refusedSeconds < this.credentialsGraceSeconds) return;
    throw new BadInputError(
      fault.code,
      {
        field: `sources.${fault.source}`,
        value: `refused for ${Math.floor(refusedSeconds)} s`,
        todo: `correct what it says, then ask again or use \`factory runs resume\`: ${fault.message}`,
      },
      { cause: fault },
    );
  }
}

function faultOf(cause: WaitCause): SourceAwayError | null {
  return cause instanceof SourceWaitError ? cause.fault : cause;
}
