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

/** In which a run is checked once, however often workers are asked to. */
const CONTROL_MS = 500;
/** Runs that are remembered for that; a service has far fewer in hand. */
const CONTROL_RUNS = 1_000;

/**
 * Calls `onRun` with each run that workers are asked to check: at once, and once more at the end of half a second in
 * which they were asked again. Each check is a statement on the ledger, and anybody may ask. Of more runs than are
 * remembered the rest is left out: the ledger is the authority, and leases are checked anyway.
 */
export function listenToControl(connection: NatsConnection, onRun: (run: string) => void): Unsubscribe {
  const prefix = controlSubject('');
  const asked = new Map<string, { again: boolean; timer: NodeJS.Timeout }>();
  const check = (run: string): void => {
    const timer = setTimeout(() => {
      const again = asked.get(run)?.again;
      asked.delete(run);
      if (again) check(run);
    }, CONTROL_MS);
    asked.set(run, { again: false, timer: timer.unref() });
    unharmed(() => onRun(run));
  };
  const subscription = connection.subscribe(controlSubject(WILDCARD), {
    callback: (error, message) => {
      if (error) return;
      const run = message.subject.slice(prefix.length);
      const known = asked.get(run);
      if (known) known.again = true;
      else if (asked.size < CONTROL_RUNS) check(run);
    },
  });
  return () => {
    subscription.unsubscribe();
    for (const { timer } of asked.values()) clearTimeout(timer);
    asked.clear();
  };
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
