import { FactoryError, ServerAwayError } from '@factory/domain';
import type { StoredEvent } from '@factory/ledger';
import { askToLook, explainBrokerError } from '@factory/messaging';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Announce } from '../fleet-access';

/** How news of changes gets out. */
export interface AnnouncePorts {
  /** Asked for when there is something to tell. */
  broker(): Promise<NatsConnection>;
  /** Publishes over this broker and records in the ledger where: `Announcer` of @factory/stage. */
  announcer(broker: NatsConnection): { announce(events: readonly StoredEvent[]): Promise<void> };
  /** Told that the broker cannot be told now, and why. */
  onUnavailable(why: FactoryError): void;
}

/**
 * Publishes what a change in the ledger decided on. A broker that is unavailable is no failure: the change is made, and
 * the sweeper publishes the events when the broker is back.
 *
 * @returns what throws ServerAwayError of any server but the broker
 */
export function announceOver(ports: AnnouncePorts): Announce {
  return async (events, stopped = []) => {
    try {
      const broker = await ports.broker();
      for (const run of stopped) askToLook(broker, run);
      await ports.announcer(broker).announce(events);
      await broker.flush();
    } catch (thrown) {
      const fault = explainBrokerError(thrown);
      if (fault instanceof ServerAwayError && fault.server !== 'broker') throw fault;
      if (!(fault instanceof FactoryError)) throw fault;
      ports.onUnavailable(fault);
    }
  };
}
