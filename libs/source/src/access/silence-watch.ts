import type { SourceAwayError } from '@factory/domain';

export interface SilenceWatchOptions {
  /** Bytes that the source has sent over the connection so far. */
  readonly received: () => number;
  /** Asks the source for another connection; resolves to the fault, undefined if there is none. */
  readonly ask: () => Promise<SourceAwayError | undefined>;
  /**
   * Called when the source does not answer other connections promptly either: work that waits for it should
   * free its slot.
   */
  readonly onSuspect?: () => void;
  /** How long a silent connection raises no suspicion; default 1 s. */
  readonly silentMs?: number;
}

/** A probe that times out may have met a server that is only slow: a second one decides. */
const FAULTS_IN_A_ROW = 2;
/**
 * A server without a free connection, or that refuses the account, is alive: work in progress on it continues.
 */
const SILENT_CODE = 'source-away';
/** An available source answers faster than this. */
const SUSPECT_MS = 500;
/** Maximum interval between two probes, in looks, during a long statement on a source that answers. */
const LONGEST_PAUSE = 16;

/**
 * Detects that a source has become unavailable without closing the connection: packets are dropped, or the host
 * lost power. The operating system would notice after many minutes, and a slot of the service would be occupied
 * until then. A silent connection may be waiting for a long statement, so the source is probed over another
 * connection.
 */
export class SilenceWatch {
  private readonly cut = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private heard: number;
  /** Number of looks without new bytes, and after how many of them the source is probed. */
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
