import { RETRAIN_SUBJECT, STREAMS } from '@factory/contracts';
import { BadInputError, FactoryError } from '@factory/domain';
import { JetStreamPublisher, type Published } from '@factory/messaging';
import type { NatsConnection } from '@nats-io/transport-node';
import type { OutgoingRequest } from './retrain-request';

/**
 * Publishes a request like the scheduler or any other client. Safe to repeat: the stream stores only the first
 * message of a request id.
 *
 * @throws BadInputError `not-provisioned`; ServerAwayError
 */
export async function publishRequest(broker: NatsConnection, request: OutgoingRequest): Promise<Published> {
  const publisher = new JetStreamPublisher(broker);
  const stream = STREAMS.requests.name;
  await publisher.streamCreated(stream).catch((cause: unknown) => {
    if (cause instanceof FactoryError) throw cause;
    throw new BadInputError(
      'not-provisioned',
      { field: 'stream', value: stream, todo: 'run `factory provision`: the broker does not have it' },
      { cause },
    );
  });
  return publisher.publish(RETRAIN_SUBJECT, request, { stream, messageId: request.requestId });
}
