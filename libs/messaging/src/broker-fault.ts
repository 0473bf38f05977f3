import { BadInputError, FactoryError } from '@factory/domain';
import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import { PermissionViolationError, type NatsConnection } from '@nats-io/transport-node';
import { brokerAway, isBrokerAway } from './broker-connection';

/**
 * Explains an error of the client library in one line that says what to do. The factory's own errors, and
 * errors that do not come from the broker, are returned unchanged.
 */
export function explainBrokerError(thrown: unknown): unknown {
  if (thrown instanceof FactoryError) return thrown;
  const forbidden = forbiddenBy(thrown);
  if (forbidden)
    return new BadInputError(
      'broker-forbids',
      {
        field: 'NATS server',
        value: forbidden.subject,
        todo: `allow the account of NATS_URL to ${forbidden.operation === 'publish' ? 'publish on' : 'subscribe to'} it`,
      },
      { cause: thrown },
    );
  if (isJetStreamOff(thrown)) return jetStreamOff(thrown);
  if (thrown instanceof JetStreamApiError) return explainApiError(thrown);
  return isBrokerAway(thrown) ? brokerAway(thrown) : thrown;
}

/**
 * Checks that JetStream is enabled. An account without permission to query that passes: whatever it lacks is
 * refused by name when it is used.
 *
 * @throws BadInputError `jetstream-off`
 * @throws ServerAwayError
 */
export async function checkJetStream(connection: NatsConnection): Promise<void> {
  try {
    await jetstreamManager(connection);
  } catch (thrown) {
    if (!forbiddenBy(thrown)) throw explainBrokerError(thrown);
  }
}

/** The permission that the broker's refusal names; null if it refused for another reason. */
export function forbiddenBy(thrown: unknown): PermissionViolationError | null {
  if (thrown instanceof PermissionViolationError) return thrown;
  return thrown instanceof Error && thrown.cause !== undefined ? forbiddenBy(thrown.cause) : null;
}

/**
 * Nobody answered a JetStream request: JetStream is off, or no stream has the subject. The library does not
 * export the class of this error.
 */
export function isJetStreamOff(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'JetStreamNotEnabled';
}

function jetStreamOff(cause: unknown): BadInputError {
  return new BadInputError(
    'jetstream-off',
    {
      field: 'NATS server',
      value: 'no JetStream',
      todo: 'start nats-server with -js (or a jetstream block in its configuration), and let the account of NATS_URL use it',
    },
    { cause },
  );
}

function explainApiError(cause: JetStreamApiError): FactoryError {
  if (cause.code === JetStreamApiCodes.StreamNotFound || cause.code === JetStreamApiCodes.ConsumerNotFound)
    return new BadInputError(
      'not-provisioned',
      { field: 'NATS server', value: cause.message, todo: 'run `factory provision`' },
      { cause },
    );
  if (isBrokerAway(cause)) return brokerAway(cause);
  return new FactoryError(
    'broker-refused-request',
    `the broker refuses (${cause.message}, ${cause.code}): correct its configuration or the account's limits`,
    false,
    { cause },
  );
}
