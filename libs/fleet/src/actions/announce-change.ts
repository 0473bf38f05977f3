import { FactoryError, ServerAwayError } from '@factory/domain';
import { EventLog, type StoredEvent } from '@factory/ledger';
import { JetStreamPublisher, explainBrokerError } from '@factory/messaging';
import { Announcer } from '@factory/stage';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Cli } from '../../../../apps/cli/src/program/cli';

/**
 * Publishes what a change in the ledger decided on. A broker that is away is no failure: the change is made, and
 * the sweeper publishes the events when the broker is back.
 *
 * @param further core messages that nobody stores
 */
export async function announceChange(
  cli: Cli,
  events: readonly StoredEvent[],
  further: (broker: NatsConnection) => void = () => undefined,
): Promise<void> {
  try {
    const broker = await cli.servers.broker();
    further(broker);
    await new Announcer(new EventLog(await cli.servers.ledger()), new JetStreamPublisher(broker)).announce(
      events,
    );
    await broker.flush();
  } catch (thrown) {
    const fault = explainBrokerError(thrown);
    if (fault instanceof ServerAwayError && fault.server !== 'broker') throw fault;
    if (!(fault instanceof FactoryError)) throw fault;
    cli.out.warn(
      `the broker cannot be told now (${fault.message}): workers notice within seconds, and the rest is published later`,
    );
  }
}
