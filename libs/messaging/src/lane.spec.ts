import type { BoundConsumer } from './bound-consumer';
import type { Delivery } from './delivery';
import { Lane, type BoundBinding } from './lane';
import { ProbingGate } from './pull-gate';
import type { Puller, Pulled } from './puller';
import { Slots } from './slots';

describe('a slot', () => {
  /** Runs one slot with the given results of its pulls; then the service stops. */
  async function run(pulls: readonly (() => Promise<Pulled>)[], making: () => void = () => undefined) {
    const stopped = new AbortController();
    const left = [...pulls];
    const log: string[] = [];
    const handled: Delivery[] = [];
    const created = '2023-01-01T00:00:00Z';
    const consumer = {
      streamCreated: created,
      whenBound: () => Promise.resolve(created),
      unbind: () => undefined,
    } as unknown as BoundConsumer;
    const slots = new Slots(1);
    const member = { binding: { consumer: {}, pattern: 'work', slots }, consumer } as BoundBinding;
    const puller = {
      pull: () => {
        const next = left.shift();
        if (next) return next();
        stopped.abort();
        return Promise.resolve<Pulled>('nothing');
      },
      drain: () => Promise.resolve(),
      lose: () => undefined,
    } as unknown as Puller;
    const lane = new Lane({
      slots,
      members: [member],
      gate: new ProbingGate({ probe: () => Promise.resolve() }),
      stopped: stopped.signal,
      pullMs: 10,
      pullerFor: () => {
        making();
        return puller;
      },
      log: (text) => log.push(text),
      handle: (_member, delivery) => {
        handled.push(delivery);
        return Promise.resolve();
      },
    });
    await lane.run();
    return { log, handled };
  }

  const delivery = { info: {} } as Delivery;
  const bring = (): Promise<Pulled> => Promise.resolve(delivery);

  it('continues after a failed pull, logs it, and handles the next message', async () => {
    const fails = (): Promise<Pulled> => Promise.reject(new TypeError('odd'));
    const { log, handled } = await run([bring, fails, bring]);
    expect(log).toEqual(['pulling failed, and is retried: odd']);
    expect(handled).toEqual([delivery, delivery]);
  });

  it('continues after a failed subscription', async () => {
    let made = 0;
    const { log, handled } = await run([bring], () => {
      if (made++ === 0) throw new TypeError('connection closed');
    });
    expect(log).toEqual(['pulling failed, and is retried: connection closed']);
    expect(handled).toEqual([delivery]);
  });
});
