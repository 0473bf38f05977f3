import { MESSAGE_VERSION } from '@factory/contracts';
import { BadInputError } from '@factory/domain';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { DeadLetters } from './dead-letters';
import type { JetStreamMessage } from './jetstream-message';
import { lendSlot } from './lend-slot';
import { provision } from './provision';
import { connection, done, left, provisioned, publish, serve, sleep, until } from './spec-jetstream';

jest.setTimeout(30_000);

describe('a delivery', () => {
  it('has what the handler needs to identify the message', async () => {
    const own = await provisioned();
    const seen: JetStreamMessage[] = [];
    await serve(own, (message) => {
      seen.push(message);
      return Promise.resolve(done);
    });
    const { seq } = await publish(own, { productId: 0 });
    await until(() => seen.length === 1);
    const manager = await jetstreamManager(connection);
    expect(seen[0]).toMatchObject({
      subject: own.subject(),
      stream: own.work.stream,
      streamSequence: seq,
      streamCreated: (await manager.streams.info(own.work.stream)).created,
      deliveryCount: 1,
      redelivered: false,
    });
    expect(new TextDecoder().decode(seen[0]?.data)).toBe('{"productId":0}');
    await until(async () => (await left(own)).unanswered === 0);
  });

  it('of a later release reaches a service of that release, and no handler of this one', async () => {
    const own = await provisioned();
    const seen: unknown[] = [];
    const settled: string[] = [];
    await serve(
      own,
      ({ data }) => {
        seen.push(JSON.parse(new TextDecoder().decode(data)));
        return Promise.resolve(done);
      },
      { onSettled: ({ outcome, settlement }) => settled.push(`${outcome.kind} ${settlement.kind}`) },
    );
    await publish(own, { v: MESSAGE_VERSION + 1, body: ['of another shape'] });
    await publish(own, { v: MESSAGE_VERSION, next: true });
    await until(() => settled.length === 2);
    expect(settled).toEqual(['newer nak', 'done ack']);
    expect(seen).toEqual([{ v: MESSAGE_VERSION, next: true }]);
    expect(await left(own)).toEqual({ waiting: 0, unanswered: 1 });
    const manager = await jetstreamManager(connection);
    expect((await manager.streams.info(own.dead)).state.messages).toBe(0);
    // As a service of that release: the next one to pull after the delay.
    const consumer = await jetstream(connection).consumers.get(own.work.stream, own.work.durable);
    const message = await consumer.next({ expires: 15_000 });
    expect(message?.json()).toMatchObject({ v: MESSAGE_VERSION + 1 });
    message?.ack();
    await until(async () => (await left(own)).unanswered === 0);
  });

  it('that failed is redelivered after its delay, with a higher count', async () => {
    const own = await provisioned();
    const at: number[] = [];
    const counts: number[] = [];
    await serve(own, ({ deliveryCount }) => {
      at.push(Date.now());
      counts.push(deliveryCount);
      return Promise.resolve(
        at.length < 3 ? { kind: 'retry', attempt: at.length, error: new Error('once more') } : done,
      );
    });
    await publish(own, {});
    await until(() => at.length === 3);
    expect(counts).toEqual([1, 2, 3]);
    const [first = 0, second = 0, third = 0] = at;
    expect(second - first).toBeGreaterThanOrEqual(990);
    expect(third - second).toBeGreaterThanOrEqual(1_990);
    await until(async () => (await left(own)).unanswered === 0);
  });

  it('whose handler lends its slot lets others be handled meanwhile, and is settled as usual', async () => {
    const own = await provisioned();
    const seen: number[] = [];
    const finished: (() => void)[] = [];
    await serve(
      own,
      async ({ data }) => {
        const { n } = JSON.parse(new TextDecoder().decode(data)) as { n: number };
        seen.push(n);
        // At most as many as there are slots may be lent.
        if (n < 3) setTimeout(lendSlot, 20);
        if (n < 3) await new Promise<void>((resolve) => finished.push(resolve));
        return done;
      },
      { slots: 1 },
    );
    for (const n of [1, 2, 3]) await publish(own, { n });
    await until(() => seen.length === 2);
    await sleep(300);
    expect(seen).toEqual([1, 2]);
    finished[1]?.();
    await until(() => seen.length === 3);
    await until(async () => (await left(own)).unanswered === 1);
    finished[0]?.();
    await until(async () => (await left(own)).unanswered === 0);
  });

  it('is not repeated while its handler works past the ack wait', async () => {
    const own = await provisioned(1);
    let calls = 0;
    await serve(
      own,
      async () => {
        calls++;
        await sleep(3_000);
        return done;
      },
      { heartbeatMs: 300 },
    );
    await publish(own, {});
    await until(async () => calls > 0 && (await left(own)).unanswered === 0);
    await sleep(1_500);
    expect(calls).toBe(1);
  });

  it('is redelivered when its worker died', async () => {
    const own = await provisioned(1);
    const dying = await serve(own, () => new Promise(() => undefined), {
      heartbeatMs: 60_000,
      finishMs: 0,
      giveBackMs: 0,
      slots: 1,
    });
    await publish(own, {});
    await until(() => dying.server.messagesInHand === 1);
    const counts: number[] = [];
    await serve(own, ({ deliveryCount }) => {
      counts.push(deliveryCount);
      return Promise.resolve(done);
    });
    await until(() => counts.length === 1);
    expect(counts).toEqual([2]);
  });
});

describe('a poison message', () => {
  it('is stored once as a dead letter with its error and never redelivered', async () => {
    const own = await provisioned();
    let calls = 0;
    await serve(own, () => {
      calls++;
      throw new BadInputError('not-json', { field: 'message', value: '{', todo: 'send a JSON object' });
    });
    const { seq } = await publish(own, { poison: true });
    const letters = new DeadLetters(connection, own.dead);
    await until(async () => (await letters.list()).length === 1);
    await until(async () => (await left(own)).unanswered === 0);
    await sleep(500);
    expect(calls).toBe(1);
    expect(await letters.list()).toMatchObject([
      {
        subject: own.subject(),
        stream: own.work.stream,
        streamSequence: seq,
        code: 'not-json',
        reason: 'message = "{": send a JSON object',
        attempts: 0,
      },
    ]);
  });

  it('is redelivered until it could be stored as a dead letter', async () => {
    const own = await provisioned();
    const manager = await jetstreamManager(connection);
    await manager.streams.delete(own.dead);
    let calls = 0;
    await serve(own, () => {
      calls++;
      return Promise.resolve({ kind: 'exhausted', attempt: 5, error: new Error('no more') });
    });
    await publish(own, {});
    await until(() => calls === 2, 15_000);
    await provision(connection, own.plan);
    const letters = new DeadLetters(connection, own.dead);
    await until(async () => (await letters.list()).length === 1);
    expect((await letters.list())[0]).toMatchObject({ attempts: 5, code: 'unexpected', reason: 'no more' });
  });
});
