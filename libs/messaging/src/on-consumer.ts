import { EventPattern } from '@nestjs/microservices';
import { outcomeOfError, type HandlerOutcome } from './handler-outcome';
import type { JetStreamMessage } from './jetstream-message';

/** Pins handlers to `JetStreamServer` in an application with several transports. */
export const JETSTREAM_TRANSPORT = Symbol('jetstream');

type ConsumerMethod = (message: JetStreamMessage) => Promise<HandlerOutcome>;

/**
 * Marks a controller's method as the handler of every binding with this pattern.
 * What it throws becomes an outcome here, before Nest replaces the error by one without its class.
 */
export function OnConsumer(pattern: string) {
  return (
    target: object,
    method: string | symbol,
    descriptor: TypedPropertyDescriptor<ConsumerMethod>,
  ): void => {
    const handle = descriptor.value;
    if (!handle) return;
    descriptor.value = async function (this: unknown, message: JetStreamMessage) {
      try {
        return await handle.call(this, message);
      } catch (thrown) {
        return outcomeOfError(thrown, message.deliveryCount);
      }
    };
    EventPattern<string>(pattern, JETSTREAM_TRANSPORT)(target, method, descriptor);
  };
}
