import {
  controlSubject,
  parseMessage,
  progressMessage,
  progressSubject,
  type ProgressMessage,
} from '@factory/contracts';
import type { Msg, NatsConnection } from '@nats-io/transport-node';

const WILDCARD = '*';
/** Of what a run says it does: it is shown in one line of a terminal. */
const LONGEST_DOING = 200;

/** Ends a subscription. */
export type Unsubscribe = () => void;

/** Tells whoever watches what a run does now. Core NATS: nothing is stored and nothing waits (architecture, Messages). */
export class ProgressPublisher {
  private readonly lastAt = new Map<string, number>();

  constructor(
    private readonly connection: NatsConnection,
    private readonly options: { readonly minIntervalMs?: number; readonly now?: () => number } = {},
  ) {}

  /** At most one message a run and interval goes out; `always` is for those that nobody may miss. */
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

/** Watches one run, or every run with `*`; what cannot be read is left out. */
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

/** Asks every worker to look at the run's state now. Lost where nobody listens: the ledger is what counts. */
export function askToLook(connection: NatsConnection, run: string): void {
  connection.publish(controlSubject(run));
}

/** Calls `onRun` with the run that somebody asks all workers to look at. */
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

/** What a listener throws would end the reading of the connection, and with it everything else that is heard on it. */
function unharmed(listener: () => void): void {
  try {
    listener();
  } catch {
    // Progress is for whoever watches: the next message may be shown again.
  }
}
