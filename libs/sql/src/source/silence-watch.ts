import type { SourceAwayError } from '@factory/domain';

export interface SilenceWatchOptions {
  /** Bytes that the source has sent over the connection so far. */
  readonly received: () => number;
  /** Asks the source for another connection; the answer is the fault, undefined when there is none. */
  readonly ask: () => Promise<SourceAwayError | undefined>;
  /** Default 2 s. */
  readonly silentMs?: number;
}

/** A probe that runs into its limit may have met a server that is only slow: another decides. */
const FAULTS_IN_A_ROW = 2;
/** A server that has no connection left, or refuses the account, is there: what it began goes on. */
const SILENT_CODE = 'source-away';

/**
 * Notices that a source has gone without a word: packets are dropped, or the host has lost its power. The system
 * would find out after many minutes, and a slot of the service would be held until then. A connection that is silent
 * may wait for a long statement, so the source is asked over another one.
 */
export class SilenceWatch {
  private readonly cut = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private heard: number;
  private asking = false;

  constructor(private readonly options: SilenceWatchOptions) {
    this.heard = options.received();
    this.timer = setInterval(() => void this.look(), options.silentMs ?? 2_000);
    this.timer.unref();
  }

  /** Aborted, with the fault as its reason, when the source does not answer any more. */
  get signal(): AbortSignal {
    return this.cut.signal;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const received = this.options.received();
    const silent = received === this.heard;
    this.heard = received;
    if (!silent || this.asking) return;
    this.asking = true;
    await this.askInARow(received).finally(() => {
      this.asking = false;
    });
  }

  private async askInARow(received: number): Promise<void> {
    for (let faults = 1; ; faults++) {
      const fault = await this.options.ask();
      if (fault?.code !== SILENT_CODE || this.options.received() !== received) return;
      if (faults === FAULTS_IN_A_ROW) return this.cut.abort(fault);
    }
  }
}
