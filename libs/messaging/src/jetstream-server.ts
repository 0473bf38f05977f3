import { newerVersionOf } from '@factory/contracts';
import { FactoryError, ServerAwayError, codeOf, messageOf } from '@factory/domain';
import { BaseRpcContext, Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { setMaxListeners } from 'node:events';
import { defaultIfEmpty, lastValueFrom } from 'rxjs';
import { BoundConsumer, pause } from './bound-consumer';
import type { Delivery } from './delivery';
import { outcomeOfError, type HandlerOutcome } from './handler-outcome';
import type { JetStreamMessage } from './jetstream-message';
import type { JetStreamServerOptions, SettledDelivery } from './jetstream-server-options';
import { Lane, type BoundBinding } from './lane';
import { JETSTREAM_TRANSPORT } from './on-consumer';
import { Puller } from './puller';
import { UNAVAILABLE_DELAY_MS, keepDelayMs, settle, type Settlement } from './settlement';
import type { Slots } from './slots';
import { WaitingNotice } from './waiting-notice';

const DEFAULTS = {
  finishMs: 10_000,
  giveBackMs: 10_000,
  heartbeatMs: 10_000,
  rebindMs: 2_000,
  pullMs: 30_000,
};
const FLUSH_MS = 2_000;

/**
 * Nest transport for JetStream: binds handlers (`@OnConsumer`) to existing durable consumers, pulls as many
 * messages as there are free slots, and settles each by the outcome that its handler returned (rules R13).
 */
export class JetStreamServer extends Server implements CustomTransportStrategy {
  override readonly transportId = JETSTREAM_TRANSPORT;
  override readonly propagatesEventHandlerErrors = true;
  private readonly options: JetStreamServerOptions & typeof DEFAULTS;
  private readonly stopping = new AbortController();
  private readonly givingBack = new AbortController();
  private readonly inHand = new Map<Delivery, Promise<void>>();
  private readonly members: readonly BoundBinding[];
  private readonly lanes: readonly Lane[];
  private readonly newer: WaitingNotice;
  private running: Promise<void> = Promise.resolve();

  constructor(options: JetStreamServerOptions) {
    super();
    this.options = { ...DEFAULTS, ...options };
    const { connection, bindings, rebindMs } = this.options;
    this.members = bindings.map((binding) => ({
      binding,
      consumer: new BoundConsumer(connection, binding.consumer, {
        rebindMs,
        stopped: this.stopping.signal,
        log: (text) => this.logger.warn(text),
      }),
    }));
    this.lanes = this.makeLanes();
    this.newer = new WaitingNotice((text) => this.logger.warn(text), options.now ?? Date.now);
    // One listener per message in progress: up to the number of slots is not a leak.
    setMaxListeners(0, this.givingBack.signal);
  }

  /** Consumers that do not exist (yet): the service is ready when there are none. */
  get missingConsumers(): string[] {
    return this.members
      .filter(({ consumer }) => consumer.streamCreated === null)
      .map(({ binding }) => binding.consumer.durable);
  }

  /** Number of messages whose handlers are running. */
  get messagesInHand(): number {
    return this.inHand.size;
  }

  /**
   * Starts pulling. Returns immediately: it waits in the background for a missing consumer or an unavailable
   * broker.
   */
  listen(callback: (error?: unknown) => void): void {
    const orphan = this.options.bindings.find(({ pattern }) => !this.getHandlerByPattern(pattern));
    if (orphan) {
      callback(
        new FactoryError('no-handler', `mark a controller's method @OnConsumer('${orphan.pattern}')`, false),
      );
      return;
    }
    this.running = Promise.all(this.lanes.map((lane) => lane.run())).then(() => undefined);
    this.watchReconnects().catch((thrown: unknown) =>
      this.logger.error(`the broker's state is no longer watched: ${messageOf(thrown)}`),
    );
    callback();
  }

  /**
   * Stops pulling, lets handlers finish or give back what is in progress, and sends the last acknowledgements.
   */
  async close(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    const pullersGone = Promise.all(this.lanes.map((lane) => lane.drainPullers()));
    await this.idleWithin(this.options.finishMs);
    this.givingBack.abort();
    await this.idleWithin(this.options.giveBackMs);
    for (const delivery of this.inHand.keys()) delivery.nak(0);
    await within(FLUSH_MS, Promise.all([pullersGone, this.inHand.size === 0 ? this.running : null]));
    const { connection } = this.options;
    if (!connection.isClosed()) await within(FLUSH_MS, connection.flush());
  }

  /** Resolves when no handler is running. */
  async whenIdle(): Promise<void> {
    while (this.inHand.size > 0) await Promise.allSettled(this.inHand.values());
  }

  on(): void {
    // The connection belongs to the application, which watches its events itself.
  }

  unwrap<T>(): T {
    return this.options.connection as T;
  }

  private makeLanes(): Lane[] {
    const bySlots = new Map<Slots, BoundBinding[]>();
    for (const member of this.members) {
      const { slots } = member.binding;
      bySlots.set(slots, [...(bySlots.get(slots) ?? []), member]);
    }
    const { gate, pullMs, connection } = this.options;
    return [...bySlots].map(
      ([slots, members]) =>
        new Lane({
          slots,
          members,
          gate,
          pullMs,
          stopped: this.stopping.signal,
          pullerFor: ({ binding }) => new Puller(connection, binding.consumer),
          log: (text) => this.logger.error(text),
          handle: (member, delivery, created) => this.take(member, delivery, created),
        }),
    );
  }

  private async take(member: BoundBinding, delivery: Delivery, streamCreated: string): Promise<void> {
    const work = this.handleAndSettle(member, delivery, streamCreated).catch((thrown: unknown) => {
      // Whatever failed outside of the handler, the message is settled and pulling continues.
      this.logger.error(
        `a message of ${member.binding.consumer.durable} is given back: ${messageOf(thrown)}`,
      );
      this.sent(delivery.nak(keepDelayMs(delivery.info.deliveryCount)));
    });
    this.inHand.set(delivery, work);
    await work.finally(() => this.inHand.delete(delivery));
  }

  private async handleAndSettle(
    { binding }: BoundBinding,
    delivery: Delivery,
    streamCreated: string,
  ): Promise<void> {
    const now = this.options.now ?? Date.now;
    const startedAt = now();
    const { message, fault } = delivery.open(streamCreated, this.givingBack.signal);
    // Checked before any handler counts or claims anything: this release cannot process a newer message.
    const unread = fault ?? newerVersionOf(message.data, binding.consumer.messageVersion);
    const outcome = unread
      ? outcomeOfError(unread, message.deliveryCount)
      : await this.handle(binding.pattern, delivery, message);
    const settled = await this.carryOut(settle(outcome), delivery, message);
    const { settlement } = settled;
    // Thousands of messages may wait for one source or for an upgrade: those are logged once elsewhere.
    if (outcome.kind === 'newer') this.newer.tell(message, outcome.error);
    else if ('error' in outcome && outcome.kind !== 'waiting')
      this.logger.warn(`${message.subject} ${outcome.kind}: ${messageOf(outcome.error)}`);
    if (settlement.kind === 'nak' && settlement.pause && 'error' in outcome)
      await this.pausePulling(outcome.error);
    this.options.onSettled?.({
      binding,
      message,
      outcome,
      ...settled,
      seconds: (now() - startedAt) / 1_000,
    });
  }

  private async handle(
    pattern: string,
    delivery: Delivery,
    message: JetStreamMessage,
  ): Promise<HandlerOutcome> {
    const beat = setInterval(() => delivery.working(), this.options.heartbeatMs).unref();
    try {
      return await this.outcomeOf(pattern, message);
    } finally {
      clearInterval(beat);
    }
  }

  private async outcomeOf(pattern: string, message: JetStreamMessage): Promise<HandlerOutcome> {
    try {
      const handler = this.getHandlerByPattern(pattern);
      const result = await handler?.(message, new BaseRpcContext([message]));
      const none: HandlerOutcome | null = null;
      const outcome = await lastValueFrom(this.transformToObservable(result).pipe(defaultIfEmpty(none)));
      if (isOutcome(outcome)) return outcome;
      throw new FactoryError('no-outcome', `return a HandlerOutcome from the handler of ${pattern}`, true);
    } catch (thrown) {
      return outcomeOfError(thrown, message.deliveryCount);
    }
  }

  /** @returns what the broker was told: to redeliver if a dead letter could not be stored */
  private async carryOut(
    settlement: Settlement,
    delivery: Delivery,
    message: JetStreamMessage,
  ): Promise<Pick<SettledDelivery, 'settlement' | 'deadLetter'>> {
    if (settlement.kind !== 'term') {
      this.sent(settlement.kind === 'ack' ? delivery.ack() : delivery.nak(settlement.delayMs));
      return { settlement };
    }
    const { code, reason, attempts } = settlement;
    try {
      const { duplicate } = await this.options.deadLetters.keep({ ...message, code, reason, attempts });
      this.sent(delivery.term(code));
      return { settlement, deadLetter: duplicate ? 'repeated' : 'kept' };
    } catch (thrown) {
      this.logger.error(`${message.subject} could not be stored as a dead letter: ${messageOf(thrown)}`);
      const away = thrown instanceof ServerAwayError;
      const delayMs = away ? UNAVAILABLE_DELAY_MS : keepDelayMs(message.deliveryCount);
      this.sent(delivery.nak(delayMs));
      return {
        settlement: { kind: 'nak', delayMs, pause: false },
        deadLetter: { notKept: codeOf(thrown) },
      };
    }
  }

  private async pausePulling(reason: unknown): Promise<void> {
    this.options.gate.close(reason);
    await Promise.all(this.lanes.map((lane) => lane.drainPullers()));
  }

  /**
   * Acknowledgements on a closed connection are lost; the broker then redelivers, and the message is answered
   * `repeated`.
   */
  private sent(answered: boolean): void {
    if (!answered)
      this.logger.warn('the acknowledgement could not be sent: the broker will redeliver the message');
  }

  private async watchReconnects(): Promise<void> {
    let told = '';
    for await (const status of this.options.connection.status()) {
      if (this.stopping.signal.aborted) return;
      if (status.type === 'reconnect') for (const lane of this.lanes) lane.losePullers();
      // Errors without a failed request are reported nowhere else: for example an acknowledgement that may not
      // be published.
      if (status.type === 'error' && status.error.message !== told)
        this.logger.warn(`the broker reports an error: ${(told = status.error.message)}`);
    }
  }

  private async idleWithin(ms: number): Promise<void> {
    const over = new AbortController();
    await Promise.race([this.whenIdle(), pause(ms, over.signal)]);
    over.abort();
  }
}

function isOutcome(value: unknown): value is HandlerOutcome {
  return typeof value === 'object' && value !== null && 'kind' in value;
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([work.catch(() => undefined), pause(ms, over.signal)]);
  over.abort();
}
