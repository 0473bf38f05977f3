import { FactoryError, ServerAwayError } from '@factory/domain';
import type { StoredEvent } from '@factory/ledger';
import { askToLook, explainBrokerError } from '@factory/messaging';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Announce } from '../fleet-access';

/** What publishing a change needs. */
export interface AnnouncePorts {
  /** Called only when there is something to publish. */
  broker(): Promise<NatsConnection>;
  /** Publishes over this broker and records the positions in the ledger: `Announcer` of @factory/stage. */
  announcer(broker: NatsConnection): { announce(events: readonly StoredEvent[]): Promise<void> };
  /** Called when the broker is unavailable, with the reason. */
  onUnavailable(why: FactoryError): void;
}

/**
 * Publishes the events of a change in the ledger. An unavailable broker is not a failure: the change is
 * committed, and the sweeper publishes the events when the broker is back.
 *
 * @returns a function that throws ServerAwayError of any server but the broker
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
