import { SourceAwayError, SourceWaitError } from '@factory/domain';
import fc from 'fast-check';
import { SourceBreaker } from './source-breaker';

const GONE = new SourceAwayError('shop', 'unreachable', { cause: new Error('ECONNREFUSED') });
const REFUSED = new SourceAwayError('shop', 'refused', { cause: new Error('Access denied') });

/** A source as probes find it, and a clock that only the spec advances. */
class World {
  ms = 0;
  fault: SourceAwayError | undefined;
  probes = 0;
  silent = false;
  readonly changes: (string | undefined)[] = [];
  readonly breaker = new SourceBreaker('shop', {
    probe: () => {
      this.probes++;
      return this.silent ? new Promise(() => undefined) : Promise.resolve(this.fault);
    },
    now: () => this.ms,
    random: () => 0,
    onChange: (fault) => this.changes.push(fault?.code),
  });

  /** 0 = admitted, otherwise when to try again. */
  async ask(): Promise<number> {
    try {
      await this.breaker.admit();
      return 0;
    } catch (error) {
      if (error instanceof SourceWaitError) return error.retryAfterMs;
      throw error;
    }
  }
}

describe('a source’s breaker', () => {
  it('probes a source that answers once, and not again while there is contact', async () => {
    const world = new World();
    for (let at = 0; at < 5; at++) {
      expect(await world.ask()).toBe(0);
      world.breaker.succeeded();
      world.ms += 4_000;
    }
    expect(world.probes).toBe(1);
    world.ms += 5_000;
    expect(await world.ask()).toBe(0);
    expect(world.probes).toBe(2);
    expect(world.changes).toEqual([]);
  });

  it('probes a dead source after 1, 2, 4 s and so on, finally every 45 s, however much work waits', async () => {
    const world = new World();
    world.fault = GONE;
    const asked: number[] = [];
    for (; world.ms < 300_000; world.ms += 100) {
      const before = world.probes;
      expect(await world.ask()).toBeGreaterThanOrEqual(1_000);
      if (world.probes > before) asked.push(world.ms);
    }
    const pauses = asked.slice(1).map((at, index) => at - asked[index]!);
    expect(pauses.slice(0, 7)).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 36_000]);
    expect(Math.max(...pauses)).toBe(36_000);
    expect(world.changes).toEqual(['source-away']);
    expect(world.breaker.fault).toBe(GONE);
  });

  it('delays work by at most half a second while a source does not answer at all', async () => {
    const world = new World();
    world.silent = true;
    const began = performance.now();
    expect(await world.ask()).toBe(1_000);
    expect(performance.now() - began).toBeLessThan(5_000);
    world.ms += 600;
    const later = performance.now();
    for (let at = 0; at < 30; at++) expect(await world.ask()).toBe(1_000);
    // Half a second each, one after the other, would be fifteen.
    expect(performance.now() - later).toBeLessThan(5_000);
    expect(world.probes).toBe(1);
  });

  it('admits one trial when the source answers again, and the others when that has succeeded', async () => {
    const world = new World();
    world.fault = GONE;
    await world.ask();
    world.fault = undefined;
    world.ms += 1_000;
    const tries = await Promise.all([world.ask(), world.ask(), world.ask()]);
    expect(tries.filter((wait) => wait === 0)).toHaveLength(1);
    expect(world.probes).toBe(2);
    expect(world.changes).toEqual(['source-away']);
    world.breaker.succeeded();
    world.breaker.left();
    expect(await Promise.all([world.ask(), world.ask()])).toEqual([0, 0]);
    expect(world.changes).toEqual(['source-away', undefined]);
  });

  it('admits the others after a trial that takes long, or that ended without a result', async () => {
    for (const meanwhile of [
      (world: World) => (world.ms += 10_000),
      (world: World) => world.breaker.left(),
    ]) {
      const world = new World();
      world.fault = GONE;
      await world.ask();
      world.fault = undefined;
      world.ms += 1_000;
      expect(await world.ask()).toBe(0);
      expect(await world.ask()).toBeGreaterThan(0);
      meanwhile(world);
      expect(await world.ask()).toBe(0);
    }
  });

  it('reports a changed reason, and counts simultaneous failures once', async () => {
    const world = new World();
    await world.ask();
    for (let at = 0; at < 4; at++) world.breaker.failed(GONE);
    expect(world.breaker.retryAfterMs).toBe(1_000);
    world.breaker.failed(REFUSED);
    expect(world.changes).toEqual(['source-away', 'source-access-denied']);
    expect(world.breaker.fault).toBe(REFUSED);
  });

  it('works on a flapping source as often as possible: neither never nor always', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 500, max: 4_000 }),
        fc.double({ min: 0.45, max: 0.9, noNaN: true }),
        async (period, up) => {
          const world = new World();
          const isUp = () => world.ms % period < period * up;
          let [tried, through] = [0, 0];
          for (; world.ms < 600_000; world.ms += 97) {
            world.fault = isUp() ? undefined : GONE;
            if ((await world.ask()) > 0) continue;
            tried++;
            world.ms += 50;
            if (isUp()) {
              through++;
              world.breaker.succeeded();
            } else world.breaker.failed(GONE);
            world.breaker.left();
          }
          expect(through).toBeGreaterThan(10);
          // Each failure is followed by a pause.
          expect(tried - through).toBeLessThan(600);
        },
      ),
      { numRuns: 15, seed: 8 },
    );
  }, 60_000);
});
