import type { ConsumerDefinition } from '@factory/contracts';
import { testServers, until as eventually } from '@factory/testing';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { randomUUID } from 'node:crypto';
import { connectBroker } from './broker-connection';
import { DeadLetters } from './dead-letters';
import type { HandlerOutcome } from './handler-outcome';
import type { JetStreamMessage } from './jetstream-message';
import { JetStreamServer } from './jetstream-server';
import type { JetStreamServerOptions } from './jetstream-server-options';
import { OnConsumer } from './on-consumer';
import { type ProvisionPlan, provision } from './provision';
import { ProbingGate } from './pull-gate';
import { Slots } from './slots';

export type Handle = (message: JetStreamMessage) => Promise<HandlerOutcome>;
export const done: HandlerOutcome = { kind: 'done' };

/** Names for one spec: nothing is shared with the factory's streams. */
export function ownPlan(ackWaitSeconds = 30) {
  const id = randomUUID().slice(0, 8);
  const stream = `SPEC_${id}`;
  const consumer = (name: string): ConsumerDefinition => ({
    stream,
    durable: name,
    filterSubject: `spec.${id}.${name}.>`,
  });
  const work = consumer('work');
  const other = consumer('other');
  const plan: ProvisionPlan = {
    ackWaitSeconds,
    streams: [
      { name: stream, subjects: [`spec.${id}.>`] },
      { name: `${stream}_DEAD`, subjects: [`dead.spec.${id}.>`] },
    ],
    consumers: [work, other],
  };
  return {
    plan,
    work,
    other,
    dead: `${stream}_DEAD`,
    subject: (name = 'work') => `spec.${id}.${name}.main.7`,
  };
}
export type OwnPlan = ReturnType<typeof ownPlan>;

/** To the broker that specs share, from before the first spec. */
export let connection: NatsConnection;
/** Done after each spec, the last one first. */
export const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  connection = await connectBroker({ url: testServers().natsUrl, name: 'jetstream-server spec' });
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(() => connection.close());

export async function provisioned(ackWaitSeconds?: number): Promise<OwnPlan> {
  const own = ownPlan(ackWaitSeconds);
  await provision(connection, own.plan);
  forgetLater(own);
  return own;
}

export function forgetLater(own: OwnPlan): void {
  cleanUps.push(async () => {
    const manager = await jetstreamManager(connection);
    for (const { name } of own.plan.streams) await manager.streams.delete(name).catch(() => undefined);
  });
}

/** A Nest microservice whose one handler is `handle`. */
export async function serve(
  own: OwnPlan,
  handle: Handle,
  options: Partial<JetStreamServerOptions> & { slots?: number } = {},
): Promise<{ server: JetStreamServer; app: INestMicroservice }> {
  @Controller()
  class Handlers {
    @OnConsumer('work')
    work(message: JetStreamMessage): Promise<HandlerOutcome> {
      return handle(message);
    }
  }
  @Module({ controllers: [Handlers] })
  class SpecModule {}

  const on = options.connection ?? connection;
  const server = new JetStreamServer({
    connection: on,
    bindings: [{ consumer: own.work, pattern: 'work', slots: new Slots(options.slots ?? 2) }],
    gate: new ProbingGate({ probe: () => Promise.resolve() }),
    deadLetters: new DeadLetters(on, own.dead),
    rebindMs: 100,
    ...options,
  });
  const testing = await Test.createTestingModule({ imports: [SpecModule] }).compile();
  const app = testing.createNestMicroservice({ strategy: server, logger: false });
  await app.listen();
  cleanUps.push(() => app.close());
  return { server, app };
}

export function publish(own: OwnPlan, body: unknown, on = connection, name = 'work') {
  return jetstream(on).publish(own.subject(name), JSON.stringify(body), { timeout: 5_000 });
}

export const until = (rule: () => boolean | Promise<boolean>, timeoutMs = 10_000) =>
  eventually(rule, { what: rule.toString(), timeoutMs, everyMs: 20 });
export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function left(own: OwnPlan, on = connection): Promise<{ waiting: number; unanswered: number }> {
  const manager = await jetstreamManager(on);
  const info = await manager.consumers.info(own.work.stream, own.work.durable);
  return { waiting: info.num_pending, unanswered: info.num_ack_pending };
}
export const nothingLeft = { waiting: 0, unanswered: 0 };
