import { announceOver, type FleetAccess } from '@factory/fleet';
import { EventLog } from '@factory/ledger';
import { JetStreamPublisher } from '@factory/messaging';
import { Announcer } from '@factory/stage';
import type { Cli } from '../program/cli';

/** Connections for actions on the fleet; the broker is connected only when something has to be published. */
export async function fleetAccess(cli: Cli): Promise<FleetAccess> {
  const ledger = await cli.servers.ledger();
  const announce = announceOver({
    broker: () => cli.servers.broker(),
    announcer: (broker) => new Announcer(new EventLog(ledger), new JetStreamPublisher(broker)),
    onUnavailable: ({ message }) =>
      cli.out.warn(
        `the broker is unavailable (${message}): workers notice the change within seconds, and events are published later`,
      ),
  });
  return { ledger, announce, codeVersion: cli.servers.codeVersion };
}
