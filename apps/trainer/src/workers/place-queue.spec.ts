import { PlaceQueue } from './place-queue';

const never = new AbortController().signal;

/** Work that ends on request, and a record of what is running. */
function bench(places: number) {
  const queue = new PlaceQueue(Array.from({ length: places }, (_unused, place) => place));
  const running: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    queue,
    running,
    start: (name: string, seconds: number, alone = false, signal = never) =>
      queue.use({ seconds, alone, signal }, async () => {
        running.push(name);
        await new Promise<void>((resolve) => ends.set(name, resolve));
        running.splice(running.indexOf(name), 1);
      }),
    end: async (name: string) => {
      ends.get(name)!();
      await new Promise((resolve) => setImmediate(resolve));
    },
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

describe('the queue for worker slots', () => {
  it('starts as much work as there are slots, then the longest waiting, ties in order of arrival', async () => {
    const { queue, running, start, end, settle } = bench(2);
    for (const [name, seconds] of [
      ['a', 1],
      ['b', 1],
      ['c', 2],
      ['d', 9],
      ['e', 2],
    ] as const)
      void start(name, seconds);
    await settle();
    expect(running).toEqual(['a', 'b']);
    expect(queue.free).toBe(0);
    const order: string[] = [];
    for (const name of ['a', 'b', 'd', 'c']) {
      await end(name);
      order.push(running.at(-1)!);
    }
    expect(order).toEqual(['d', 'c', 'e', 'e']);
    await end('e');
    expect(queue.free).toBe(2);
  });

  it('runs exclusive work when nothing else runs, and starts nothing before or during it', async () => {
    const { queue, running, start, end, settle } = bench(3);
    void start('a', 1);
    void start('b', 1);
    void start('suspect', 1, true);
    void start('other suspect', 1, true);
    void start('c', 99);
    await settle();
    expect(running).toEqual(['a', 'b']);
    await end('a');
    expect(running).toEqual(['b']);
    await end('b');
    expect(running).toEqual(['suspect']);
    expect(queue.free).toBe(0);
    await end('suspect');
    expect(running).toEqual(['other suspect']);
    await end('other suspect');
    expect(running).toEqual(['c']);
  });

  it('drops work that is cancelled while it waits, and continues with the rest', async () => {
    const { running, start, end, settle } = bench(1);
    const abort = new AbortController();
    void start('a', 1);
    const cancelled = start('b', 9, true, abort.signal);
    void start('c', 1);
    abort.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'trial-cancelled' });
    await end('a');
    await settle();
    expect(running).toEqual(['c']);
    await expect(start('d', 1, false, abort.signal)).rejects.toMatchObject({ code: 'trial-cancelled' });
  });

  it('frees the slot when the work fails', async () => {
    const { queue } = bench(1);
    const failing = queue.use({ seconds: 1, alone: true, signal: never }, () =>
      Promise.reject(new TypeError('no')),
    );
    await expect(failing).rejects.toThrow('no');
    expect(queue.free).toBe(1);
  });
});
