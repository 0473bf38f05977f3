import { ServerAwayError, SourceAwayError } from '@factory/domain';
import { ProbingGate, brokerAway, isBrokerRefusal, type PullGate } from '@factory/messaging';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { ServerProbe } from './check-servers';
import type { ServerAlarm } from './server-alarm';

export interface ServerGateOptions {
  readonly probes: readonly ServerProbe[];
  readonly alarm: ServerAlarm;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** What a service needs besides its servers; throws while it is missing. */
  readonly alsoRequire?: () => void;
  /** Interval between rounds of probes while it is closed, milliseconds. */
  readonly intervalMs?: number;
}

/**
 * The gate of a service. Every reason to close it raises an alarm; while it is closed all servers are probed
 * every second, so that the alarm shows the current fault, and it opens when all answer.
 */
export function serverGate(options: ServerGateOptions): PullGate {
  const { probes, alarm, logger, alsoRequire, intervalMs = 1_000 } = options;
  const gate = new ProbingGate({
    intervalMs,
    probe: async () => {
      await askAll(probes, alarm);
      alsoRequire?.();
    },
    onClosed: (reason) => logger.warn(`pulling pauses: ${reason}`),
    onOpened: () => logger.info('pulling resumes: all servers answer'),
  });
  return {
    get state() {
      return gate.state;
    },
    open: () => gate.open(),
    close: (reason) => {
      if (reason instanceof ServerAwayError && !(reason instanceof SourceAwayError))
        alarm.raise(reason.server, reason);
      gate.close(reason);
    },
  };
}

async function askAll(probes: readonly ServerProbe[], alarm: ServerAlarm): Promise<void> {
  const faults = await Promise.all(
    probes.map(async ({ name, check }) => {
      try {
        await check();
        alarm.clear(name);
        return [];
      } catch (error) {
        alarm.raise(name, error);
        return [error];
      }
    }),
  );
  const [first] = faults.flat();
  if (first !== undefined) throw first;
}

/** Closes the gate when the connection to the broker breaks, or is refused on reconnecting. */
export async function closeWithBroker(connection: NatsConnection, gate: PullGate): Promise<void> {
  for await (const status of connection.status()) {
    if (connection.isClosed() || connection.isDraining()) return;
    if (status.type === 'disconnect')
      gate.close(new ServerAwayError('broker', { cause: new Error(`disconnected from ${status.server}`) }));
    if (status.type === 'error' && isBrokerRefusal(status.error)) gate.close(brokerAway(status.error));
  }
}
