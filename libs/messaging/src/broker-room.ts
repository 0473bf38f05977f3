import { JetStreamApiError } from '@nats-io/jetstream';

/** The broker's error codes for no space left: in the stream, the account, or on its disk. */
const NO_ROOM: readonly number[] = [10023, 10028, 10047, 10077];

/** Whether the broker has no space for a message, or for a stream. */
export function isOutOfRoom(thrown: unknown): boolean {
  return thrown instanceof JetStreamApiError && NO_ROOM.includes(thrown.code);
}
