import { FactoryError } from '@factory/domain';
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { explainBrokerError } from './broker-fault';
import { parseHeaders, type MessageHeaders } from './message-headers';

/** A message as stored in a stream. */
export interface StoredMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly storedAt: Date;
  readonly data: Uint8Array;
  readonly headers: MessageHeaders;
}

interface Answer {
  readonly error?: { readonly code: number; readonly err_code: number; readonly description: string };
  readonly message?: {
    readonly subject: string;
    readonly seq: number;
    readonly time: string;
    readonly data?: string;
    readonly hdrs?: string;
  };
}

const TIMEOUT_MS = 5_000;

/**
 * Reads one message from a stream, whatever its headers: the client library's reader throws on invalid ones.
 *
 * @returns null when the stream does not have it (any more)
 * @throws BadInputError `not-provisioned` without the stream, ServerAwayError
 */
export async function readStored(
  connection: NatsConnection,
  stream: string,
  sequence: number,
): Promise<StoredMessage | null> {
  const { error, message } = await ask(connection, stream, sequence);
  if (error?.err_code === JetStreamApiCodes.NoMessageFound) return null;
  if (error) throw explainBrokerError(new JetStreamApiError(error));
  if (!message)
    throw new FactoryError('broker-answer', `${stream} ${sequence}: the broker sent no message`, true);
  return {
    subject: message.subject,
    sequence: message.seq,
    storedAt: new Date(message.time),
    data: Buffer.from(message.data ?? '', 'base64'),
    headers: parseHeaders(Buffer.from(message.hdrs ?? '', 'base64')),
  };
}

async function ask(connection: NatsConnection, stream: string, sequence: number): Promise<Answer> {
  try {
    const question = JSON.stringify({ seq: sequence });
    const reply = await connection.request(`$JS.API.STREAM.MSG.GET.${stream}`, question, {
      timeout: TIMEOUT_MS,
    });
    return reply.json<Answer>();
  } catch (thrown) {
    throw explainBrokerError(thrown);
  }
}
