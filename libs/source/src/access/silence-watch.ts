import type { SourceAwayError } from '@factory/domain';

export interface SilenceWatchOptions {
  /** Bytes that the source has sent over the connection so far. */
  readonly received: () => number;
  /** Asks the source for another connection; the answer is the fault, undefined when there is none. */
  readonly ask: () => Promise<SourceAwayError | undefined>;
  /** The source does not answer others at once either: whoever waits for it should not be in the way. */
  readonly onSuspect?: () => void;
  /** How long silence is nothing to ask about; default 1 s. */
  readonly silentMs?: number;
}

/** A probe that runs into its limit may have met a server that is only slow: another decides. */
const FAULTS_IN_A_ROW = 2;
/** A server that has no connection left, or refuses the account, is there: what it began goes on. */
const SILENT_CODE = 'source-away';
/** A source that is there answers sooner than that. */
const SUSPECT_MS = 500;
/** Of a statement that takes long on a source that answers: between two questions at last. */
const LONGEST_PAUSE = 16;

/**
 * Notices that a source has gone without a word: packets are dropped, or the host has lost its power. The system
 * would find out after many minutes, and a slot of the service would be held until then. A connection that is silent
 * may wait for a long statement, so the source is asked over another one.
 */
export class SilenceWatch {
  private readonly cut = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private heard: number;
  /** Looks that saw nothing new, and how many of them lead to a question. */
  private silentLooks = 0;
  private patience = 1;
  private asking = false;

  constructor(private readonly options: SilenceWatchOptions) {
    this.heard = options.received();
    this.timer = setInterval(() => void this.look(), options.silentMs ?? 1_000);
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
    if (this.asking) return;
    this.silentLooks = silent ? this.silentLooks + 1 : 0;
    if (!silent) this.patience = 1;
    if (this.silentLooks < this.patience) return;
    this.silentLooks = 0;
    this.patience = Math.min(2 * this.patience, LONGEST_PAUSE);
    this.asking = true;
    await this.askInARow(received).finally(() => {
      this.asking = false;
    });
  }

  private async askInARow(received: number): Promise<void> {
    const suspect = setTimeout(() => this.options.onSuspect?.(), SUSPECT_MS).unref();
    for (let faults = 1; ; faults++) {
      const fault = await this.options.ask();
      if (!fault) clearTimeout(suspect);
      if (fault?.code !== SILENT_CODE || this.options.received() !== received) return;
      if (faults === FAULTS_IN_A_ROW) return this.cut.abort(fault);
    }
  }
}
