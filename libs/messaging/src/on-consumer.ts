import { EventPattern } from '@nestjs/microservices';
import { outcomeOfError, type HandlerOutcome } from './handler-outcome';
import type { JetStreamMessage } from './jetstream-message';

/** Binds handlers to `JetStreamServer` in an application with several transports. */
export const JETSTREAM_TRANSPORT = Symbol('jetstream');

type ConsumerMethod = (message: JetStreamMessage) => Promise<HandlerOutcome>;

/**
 * Marks a controller's method as the handler of all bindings with this pattern. Errors become outcomes here,
 * before Nest replaces them by objects without their class.
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
