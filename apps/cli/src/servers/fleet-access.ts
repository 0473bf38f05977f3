import { announceOver, type FleetAccess } from '@factory/fleet';
import { EventLog } from '@factory/ledger';
import { JetStreamPublisher } from '@factory/messaging';
import { Announcer } from '@factory/stage';
import type { Cli } from '../program/cli';

/** What actions on the fleet work with; the broker is connected when there is something to tell. */
export async function fleetAccess(cli: Cli): Promise<FleetAccess> {
  const ledger = await cli.servers.ledger();
  const announce = announceOver({
    broker: () => cli.servers.broker(),
    announcer: (broker) => new Announcer(new EventLog(ledger), new JetStreamPublisher(broker)),
    onUnavailable: ({ message }) =>
      cli.out.warn(
        `the broker cannot be told now (${message}): workers notice within seconds, and the rest is published later`,
      ),
  });
  return { ledger, announce, codeVersion: cli.servers.codeVersion };
}
