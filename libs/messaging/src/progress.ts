import {
  controlSubject,
  parseMessage,
  progressMessage,
  progressSubject,
  type ProgressMessage,
} from '@factory/contracts';
import type { Msg, NatsConnection } from '@nats-io/transport-node';

const WILDCARD = '*';
/** Maximum length of a run's progress text: it is shown in one line of a terminal. */
const LONGEST_DOING = 200;

/** Ends a subscription. */
export type Unsubscribe = () => void;

/**
 * Publishes what a run is doing now. Core NATS: nothing is stored and nothing waits (architecture, Messages).
 */
export class ProgressPublisher {
  private readonly lastAt = new Map<string, number>();

  constructor(
    private readonly connection: NatsConnection,
    private readonly options: { readonly minIntervalMs?: number; readonly now?: () => number } = {},
  ) {}

  /** Sends at most one message per run and interval; `always` is for those that must not be skipped. */
  publish(message: ProgressMessage, always = false): void {
    const now = (this.options.now ?? Date.now)();
    const interval = this.options.minIntervalMs ?? 250;
    const last = this.lastAt.get(message.run);
    if (!always && last !== undefined && now - last < interval) return;
    for (const [run, at] of this.lastAt) if (now - at >= interval) this.lastAt.delete(run);
    this.lastAt.set(message.run, now);
    if (!this.connection.isClosed())
      this.connection.publish(progressSubject(message.run), JSON.stringify(message));
  }
}

/** Watches one run, or every run with `*`; unreadable messages are ignored. */
export function watchProgress(
  connection: NatsConnection,
  run: string,
  onMessage: (message: ProgressMessage) => void,
): Unsubscribe {
  const subscription = connection.subscribe(progressSubject(run), {
    callback: (error, message) => {
      if (error) return;
      const parsed = readable(message);
      if (parsed) unharmed(() => onMessage(parsed));
    },
  });
  return () => subscription.unsubscribe();
}

/** Asks every worker to check the run's state now. Lost if nobody listens: the ledger is authoritative. */
export function askToLook(connection: NatsConnection, run: string): void {
  connection.publish(controlSubject(run));
}

/** Calls `onRun` with each run that workers are asked to check. */
export function listenToControl(connection: NatsConnection, onRun: (run: string) => void): Unsubscribe {
  const prefix = controlSubject('');
  const subscription = connection.subscribe(controlSubject(WILDCARD), {
    callback: (error, message) => {
      if (!error) unharmed(() => onRun(message.subject.slice(prefix.length)));
    },
  });
  return () => subscription.unsubscribe();
}

function readable(message: Msg): ProgressMessage | null {
  try {
    const parsed = parseMessage(progressMessage, message.data);
    return { ...parsed, doing: parsed.doing.slice(0, LONGEST_DOING).replace(/\p{Cc}+/gu, ' ') };
  } catch {
    return null;
  }
}

/**
 * An error thrown by a listener would stop the connection from reading, and with it all other subscriptions.
 */
function unharmed(listener: () => void): void {
  try {
    listener();
  } catch {
    // Progress is best effort: the next message may be shown again.
  }
}
