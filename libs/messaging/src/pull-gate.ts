import { messageOf } from '@factory/domain';

/** Controls whether messages are pulled: closed while a server that handlers need is unavailable. */
export interface PullGate {
  readonly state: 'open' | 'closed';
  /** Stops pulling; repeated calls have no effect. */
  close(reason: unknown): void;
  /** Resolves immediately if open, otherwise when the servers are back. */
  open(): Promise<void>;
}

export interface ProbingGateOptions {
  /** Resolves when every server that handlers need answers, rejects otherwise. */
  readonly probe: () => Promise<void>;
  /** Interval between probes, milliseconds. */
  readonly intervalMs?: number;
  readonly onClosed?: (reason: string) => void;
  readonly onOpened?: () => void;
}

/** A gate that, once closed, probes the servers every second and opens when all answer. */
export class ProbingGate implements PullGate {
  private reopened: Promise<void> | null = null;

  constructor(private readonly options: ProbingGateOptions) {}

  get state(): 'open' | 'closed' {
    return this.reopened ? 'closed' : 'open';
  }

  close(reason: unknown): void {
    if (this.reopened) return;
    this.options.onClosed?.(messageOf(reason));
    this.reopened = this.untilServersAnswer().then(() => {
      this.reopened = null;
      this.options.onOpened?.();
    });
  }

  open(): Promise<void> {
    return this.reopened ?? Promise.resolve();
  }

  private async untilServersAnswer(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, this.options.intervalMs ?? 1_000).unref());
      const answered = await this.options.probe().then(
        () => true,
        () => false,
      );
      if (answered) return;
    }
  }
}
