import { BadInputError, ServerAwayError, messageOf } from '@factory/domain';
import { JetStreamApiError } from '@nats-io/jetstream';
import {
  AuthorizationError,
  ClosedConnectionError,
  ConnectionError,
  DrainingConnectionError,
  NoRespondersError,
  RequestError,
  TimeoutError,
  UserAuthenticationExpiredError,
  connect,
  type NatsConnection,
} from '@nats-io/transport-node';

export interface BrokerOptions {
  /** One or more addresses, comma separated: `nats://user:password@host:4222`. */
  readonly url: string;
  /** Shown in the broker's own monitoring. */
  readonly name: string;
  /** For one attempt to connect, milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * Connects once; from then on the connection comes back by itself for ever.
 *
 * @throws ServerAwayError `broker-away` when nothing answers
 * @throws BadInputError `invalid-broker-url` or `broker-refused` (wrong credentials): waiting would not help
 */
export async function connectBroker({
  url,
  name,
  timeoutMs = 5_000,
}: BrokerOptions): Promise<NatsConnection> {
  try {
    return await connect({
      ...parseBrokerUrl(url),
      name,
      timeout: timeoutMs,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 500,
      reconnectJitter: 500,
      pingInterval: 10_000,
      maxPingOut: 2,
    });
  } catch (cause) {
    if (cause instanceof BadInputError) throw cause;
    if (cause instanceof AuthorizationError || cause instanceof UserAuthenticationExpiredError)
      throw new BadInputError(
        'broker-refused',
        { field: 'NATS_URL', value: maskUrl(url), todo: `give valid credentials (${messageOf(cause)})` },
        { cause },
      );
    throw new ServerAwayError('broker', { cause });
  }
}

/** Whether an error means that the broker cannot be reached, or its streams not yet: waiting helps. */
export function isBrokerAway(thrown: unknown): boolean {
  if (thrown instanceof ServerAwayError) return thrown.server === 'broker';
  if (thrown instanceof JetStreamApiError) return thrown.status === 503;
  return (
    thrown instanceof TimeoutError ||
    thrown instanceof NoRespondersError ||
    thrown instanceof RequestError ||
    thrown instanceof ConnectionError ||
    thrown instanceof ClosedConnectionError ||
    thrown instanceof DrainingConnectionError ||
    (thrown instanceof Error && thrown.cause !== undefined && isBrokerAway(thrown.cause))
  );
}

/** How the client library wants an address. */
export interface BrokerAddress {
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
}

/** @throws BadInputError `invalid-broker-url` */
export function parseBrokerUrl(url: string): BrokerAddress {
  const addresses = url.split(',').map((one) => parseAddress(one.trim(), url));
  const { username, password } = addresses[0] ?? { username: '', password: '' };
  const servers = addresses.map(({ host }) => host);
  if (username && password)
    return { servers, user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  return username ? { servers, token: decodeURIComponent(username) } : { servers };
}

function parseAddress(address: string, whole: string): URL {
  const withScheme = address.includes('://') ? address : `nats://${address}`;
  if (URL.canParse(withScheme)) {
    const parsed = new URL(withScheme);
    if (['nats:', 'tls:'].includes(parsed.protocol) && parsed.hostname) return parsed;
  }
  throw new BadInputError('invalid-broker-url', {
    field: 'NATS_URL',
    value: maskUrl(whole),
    todo: 'write nats://host:port, or nats://user:password@host:port; several separated by commas',
  });
}

/** An address with what stands before the @ hidden. */
export function maskUrl(url: string): string {
  return url.replace(/\/\/[^/@]*@/g, '//***@');
}
