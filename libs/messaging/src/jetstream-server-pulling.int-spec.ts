import { ServerAwayError } from '@factory/domain';
import { ProbingGate } from './pull-gate';
import { Slots } from './slots';
import {
  type Handle,
  connection,
  done,
  left,
  nothingLeft,
  provisioned,
  publish,
  serve,
  sleep,
  until,
} from './spec-jetstream';

jest.setTimeout(30_000);

describe('pulling', () => {
  it('pulls exactly as many messages as there are free slots', async () => {
    const own = await provisioned();
    const release: (() => void)[] = [];
    const { server } = await serve(own, () => new Promise((resolve) => release.push(() => resolve(done))), {
      slots: 3,
    });
    for (let i = 0; i < 8; i++) await publish(own, { i });
    await until(() => server.messagesInHand === 3);
    await sleep(300);
    expect(await left(own)).toEqual({ waiting: 5, unanswered: 3 });
    release.splice(0, 1)[0]?.();
    await until(async () => (await left(own)).waiting === 4);
    expect(server.messagesInHand).toBe(3);
    while ((await left(own)).unanswered > 0) {
      release.splice(0).forEach((one) => one());
      await sleep(20);
    }
    expect(await left(own)).toEqual(nothingLeft);
  });

  it('serves all queues that share slots, and never more messages at a time than slots', async () => {
    const own = await provisioned();
    const slots = new Slots(2);
    let most = 0;
    const seen: string[] = [];
    await serve(
      own,
      async ({ consumer }) => {
        most = Math.max(most, slots.inHand);
        await sleep(20);
        seen.push(consumer);
        return done;
      },
      {
        bindings: [
          { consumer: own.work, pattern: 'work', slots },
          { consumer: own.other, pattern: 'work', slots },
        ],
      },
    );
    for (let i = 0; i < 6; i++) await publish(own, { i }, connection, i < 3 ? 'work' : 'other');
    await until(() => seen.length === 6);
    expect(seen.filter((one) => one === 'other')).toHaveLength(3);
    expect(most).toBe(2);
    expect(slots.free).toBe(2);
  });

  it('pauses while a server is unavailable and pulls no other message meanwhile', async () => {
    const own = await provisioned();
    let away = true;
    let calls = 0;
    const gate = new ProbingGate({
      intervalMs: 20,
      probe: () => (away ? Promise.reject(new Error('still away')) : Promise.resolve()),
    });
    await serve(
      own,
      () => {
        calls++;
        if (away) throw new ServerAwayError('database');
        return Promise.resolve(done);
      },
      { gate, slots: 1 },
    );
    for (let i = 0; i < 3; i++) await publish(own, { i });
    await until(() => gate.state === 'closed');
    await sleep(1_500);
    expect(calls).toBe(1);
    away = false;
    await until(async () => (await left(own)).waiting === 0 && (await left(own)).unanswered === 0);
    expect(calls).toBe(4);
  });
});

describe('a drain', () => {
  it('pulls nothing new, lets what is in progress finish, and acknowledges it', async () => {
    const own = await provisioned();
    let finished = 0;
    const { app, server } = await serve(
      own,
      async () => {
        await sleep(600);
        finished++;
        return done;
      },
      { slots: 1 },
    );
    await publish(own, 1);
    await publish(own, 2);
    await until(() => server.messagesInHand === 1);
    await app.close();
    expect(finished).toBe(1);
    expect(await left(own)).toEqual({ waiting: 1, unanswered: 0 });
  });

  it('tells handlers to give back what they cannot finish, for others to take immediately', async () => {
    const own = await provisioned();
    const { app, server } = await serve(
      own,
      ({ signal }) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'stopped' }))),
      { slots: 1, finishMs: 100 },
    );
    await publish(own, {});
    await until(() => server.messagesInHand === 1);
    await app.close();
    const counts: number[] = [];
    await serve(own, ({ deliveryCount }) => {
      counts.push(deliveryCount);
      return Promise.resolve(done);
    });
    await until(() => counts.length === 1, 2_000);
    expect(counts).toEqual([2]);
  });

  it('gives back what was delivered after the pull was abandoned', async () => {
    const own = await provisioned();
    let handled = 0;
    const handle: Handle = () => {
      handled++;
      return Promise.resolve(done);
    };
    const { app } = await serve(own, handle, { slots: 4 });
    const publishing = Promise.all(Array.from({ length: 40 }, (_, i) => publish(own, i)));
    await until(() => handled > 0);
    await app.close();
    await publishing;
    // Well within the ack wait: the message in transit was given back immediately.
    await serve(own, handle, { slots: 4 });
    await until(async () => (await left(own)).unanswered === 0 && (await left(own)).waiting === 0, 3_000);
    expect(handled).toBe(40);
  });
});
