import { BadInputError, ServerAwayError } from '@factory/domain';
import { JetStreamApiError } from '@nats-io/jetstream';
import { isOutOfRoom } from './broker-room';
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

/** A stream of requests is full while data-prep does not take them; everything else is a matter of space. */
const MAKE_ROOM =
  'send it again later (a full stream takes no more until what waits is taken: is data-prep running?), or free the disk of the broker and raise the limits of stream or account';

export interface BrokerOptions {
  /** One or more addresses, comma separated: `nats://user:password@host:4222`. */
  readonly url: string;
  /** Shown in the broker's monitoring. */
  readonly name: string;
  /** For one attempt to connect, milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * Connects once; after that the connection is re-established automatically without limit, even while the broker
 * refuses the account: a password that is being rotated must not end the process.
 *
 * @throws ServerAwayError `broker-away` when nothing answers, `broker-access-denied` when it refuses the
 * account
 * @throws BadInputError `invalid-broker-url`: waiting would not help
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
      ignoreAuthErrorAbort: true,
    });
  } catch (cause) {
    if (cause instanceof BadInputError) throw cause;
    throw brokerAway(cause);
  }
}

/** The error of an unavailable broker: it cannot be reached, refuses the account, or has no space for a message. */
export function brokerAway(cause: unknown): ServerAwayError {
  if (isOutOfRoom(cause)) return new ServerAwayError('broker', { cause, why: 'full', todo: MAKE_ROOM });
  return isBrokerRefusal(cause)
    ? new ServerAwayError('broker', { cause, why: 'refused', todo: 'correct user and password in NATS_URL' })
    : new ServerAwayError('broker', { cause });
}

/** Whether the broker refuses the account (also after it had accepted it). */
export function isBrokerRefusal(thrown: unknown): boolean {
  return (
    thrown instanceof AuthorizationError ||
    thrown instanceof UserAuthenticationExpiredError ||
    (thrown instanceof Error && thrown.cause !== undefined && isBrokerRefusal(thrown.cause))
  );
}

/** Whether an error means that the broker cannot be reached or its streams are not ready yet: waiting helps. */
export function isBrokerAway(thrown: unknown): boolean {
  if (thrown instanceof ServerAwayError) return thrown.server === 'broker';
  if (thrown instanceof JetStreamApiError) return thrown.status === 503 || isOutOfRoom(thrown);
  return (
    isBrokerRefusal(thrown) ||
    thrown instanceof TimeoutError ||
    thrown instanceof NoRespondersError ||
    thrown instanceof RequestError ||
    thrown instanceof ConnectionError ||
    thrown instanceof ClosedConnectionError ||
    thrown instanceof DrainingConnectionError ||
    (thrown instanceof Error && thrown.cause !== undefined && isBrokerAway(thrown.cause))
  );
}

/** An address in the form of the client library. */
export interface BrokerAddress {
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
}

const BROKER_FORM = 'write nats://host:port, or nats://user:password@host:port; several separated by commas';

/**
 * Parses an address. Parts that would be ignored are refused instead.
 *
 * @throws BadInputError `invalid-broker-url`; its text contains no password
 */
export function parseBrokerUrl(url: string): BrokerAddress {
  const addresses = url.split(',').map((one) => parseAddress(one.trim(), url));
  const { username, password } = addresses[0] ?? { username: '', password: '' };
  const servers = addresses.map(({ host }) => host);
  const others = addresses.slice(1).filter((one) => one.username || one.password);
  if (others.some((one) => one.username !== username || one.password !== password)) {
    throw invalidUrl(url, 'give the same user and password in every address, or in the first only');
  }
  if (username && password)
    return { servers, user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  return username ? { servers, token: decodeURIComponent(username) } : { servers };
}

function parseAddress(address: string, whole: string): URL {
  if (!address.includes('://') && address.includes('@'))
    throw invalidUrl(whole, `begin it with nats:// where it has user and password: ${BROKER_FORM}`);
  const withScheme = address.includes('://') ? address : `nats://${address}`;
  if (URL.canParse(withScheme)) {
    const parsed = new URL(withScheme);
    if (parsed.protocol === 'tls:') {
      throw invalidUrl(whole, 'begin it with nats://: connections with TLS are not supported yet');
    }
    if (parsed.search || parsed.hash || !['', '/'].includes(parsed.pathname)) {
      throw invalidUrl(whole, `leave out what follows the port, it would be ignored: ${BROKER_FORM}`);
    }
    if (parsed.protocol === 'nats:' && parsed.hostname) return parsed;
  }
  throw invalidUrl(whole, BROKER_FORM);
}

function invalidUrl(url: string, todo: string): BadInputError {
  return new BadInputError('invalid-broker-url', { field: 'NATS_URL', value: maskUrl(url), todo });
}

/**
 * The addresses with everything masked that may belong to a password: all between the scheme and the last @.
 */
export function maskUrl(url: string): string {
  const at = url.lastIndexOf('@');
  if (at < 0) return url;
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0] ?? '';
  return `${scheme}***@${url.slice(at + 1)}`;
}
