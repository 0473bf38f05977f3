import { BadInputError } from '@factory/domain';
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';

export interface Provisioned {
  readonly kind: 'stream' | 'consumer';
  readonly name: string;
  readonly result: 'created' | 'changed' | 'unchanged';
  /** What a stream holds at most. */
  readonly bounds?: string;
  /** What could not be changed now, why, and what to do. */
  readonly note?: string;
}

/** Whether a field that is wanted has another value. */
export function differs(wanted: object, found: object): boolean {
  return Object.entries(wanted).some(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify((found as Record<string, unknown>)[field]),
  );
}

/** @throws BadInputError `incompatible-stream`, `incompatible-consumer` for the first field that differs */
export function refuseDifferent(
  kind: Provisioned['kind'],
  name: string,
  wanted: object,
  found: object,
): void {
  for (const [field, value] of Object.entries(wanted)) {
    const there = (found as Record<string, unknown>)[field];
    if (there !== value) refuse(kind, name, field, there, value);
  }
}

/** @throws BadInputError `incompatible-stream`, `incompatible-consumer` */
export function refuse(
  kind: Provisioned['kind'],
  name: string,
  field: string,
  there: unknown,
  wanted?: unknown,
): never {
  throw new BadInputError(`incompatible-${kind}`, {
    field: `${kind} ${name}, ${field}`,
    value: there,
    todo: `the broker cannot change this${wanted === undefined ? '' : ` to ${JSON.stringify(wanted)}`}: delete the ${kind} or use another broker account`,
  });
}

/** A change that the broker refuses. @throws BadInputError `incompatible-stream`, `incompatible-consumer` */
export async function refused(
  kind: Provisioned['kind'],
  name: string,
  change: () => Promise<unknown>,
): Promise<void> {
  try {
    await change();
  } catch (cause) {
    if (!(cause instanceof JetStreamApiError) || (cause.status >= 500 && cause.code === 0)) throw cause;
    throw new BadInputError(
      `incompatible-${kind}`,
      {
        field: `${kind} ${name}`,
        value: cause.message,
        todo: `delete the ${kind} or use another broker account: the broker refuses to change it`,
      },
      { cause },
    );
  }
}

/** Null where the stream or consumer is not there. */
export async function unlessMissing<T>(info: Promise<T>): Promise<T | null> {
  try {
    return await info;
  } catch (thrown) {
    const missing: number[] = [JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound];
    if (thrown instanceof JetStreamApiError && missing.includes(thrown.code)) return null;
    throw thrown;
  }
}
