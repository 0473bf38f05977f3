import type { ConsumerDefinition } from '@factory/contracts';
import { AckPolicy, DeliverPolicy, type ConsumerConfig, type JetStreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { differs, refuse, refuseDifferent, refused, unlessMissing, type Provisioned } from './compare-config';

/**
 * Messages that wait for a source also count as in progress: any number of them must not block other
 * deliveries.
 */
const MAX_IN_HAND = 1_000_000;
const MAX_WAITING_PULLS = 4_096;

/** Creates the durable consumer, or changes what differs. @throws BadInputError `incompatible-consumer` */
export async function provisionConsumer(
  manager: JetStreamManager,
  { stream, durable, filterSubject }: ConsumerDefinition,
  ackWaitSeconds: number,
): Promise<Provisioned> {
  const wanted = {
    durable_name: durable,
    filter_subject: filterSubject,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ackWaitSeconds * 1_000),
    max_deliver: -1,
    max_ack_pending: MAX_IN_HAND,
    max_waiting: MAX_WAITING_PULLS,
  } satisfies Partial<ConsumerConfig>;
  const name = `${stream}/${durable}`;
  const found = await unlessMissing(manager.consumers.info(stream, durable));
  if (!found) {
    await manager.consumers.add(stream, wanted);
    return { kind: 'consumer', name, result: 'created' };
  }
  if (found.config.deliver_subject) refuse('consumer', name, 'deliver_subject', found.config.deliver_subject);
  const { ack_policy, deliver_policy, max_waiting } = wanted;
  refuseDifferent('consumer', name, { ack_policy, deliver_policy, max_waiting }, found.config);
  if (!differs(wanted, found.config) && !found.config.backoff?.length)
    return { kind: 'consumer', name, result: 'unchanged' };
  await refused('consumer', name, () =>
    manager.consumers.update(stream, durable, { ...wanted, backoff: [] }),
  );
  return { kind: 'consumer', name, result: 'changed' };
}
