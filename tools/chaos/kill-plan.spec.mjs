import { fewestKills, killPlan, VICTIMS } from './kill-plan.mjs';
import { seededRandom } from './seeded-random.mjs';

describe('the plan of kills', () => {
  it('has every victim at least twice, and the requested number of kills', () => {
    for (const kills of [fewestKills(), 40]) {
      const plan = killPlan(kills, seededRandom(1));
      expect(plan).toHaveLength(kills);
      for (const victim of VICTIMS)
        expect(plan.filter((step) => step.victim === victim).length).toBeGreaterThanOrEqual(2);
    }
  });

  it('is determined by the seed, and differs for another seed', () => {
    expect(killPlan(40, seededRandom(7))).toEqual(killPlan(40, seededRandom(7)));
    expect(killPlan(40, seededRandom(7))).not.toEqual(killPlan(40, seededRandom(8)));
  });

  it('has victims in no fixed order', () => {
    const orders = [1, 2, 3].map((seed) =>
      killPlan(fewestKills(), seededRandom(seed))
        .map(({ victim }) => victim)
        .join(),
    );
    expect(new Set(orders).size).toBe(3);
  });

  it('has only the requested kinds', () => {
    const plan = killPlan(9, seededRandom(1), ['broker', 'store']);
    expect(new Set(plan.map(({ victim }) => victim))).toEqual(new Set(['broker', 'store']));
    expect(fewestKills(['broker', 'store'])).toBe(4);
  });

  it('keeps times and processes within their ranges', () => {
    for (const { pauseSeconds, downSeconds, copy } of killPlan(500, seededRandom(3))) {
      expect(pauseSeconds).toBeGreaterThanOrEqual(2);
      expect(pauseSeconds).toBeLessThan(15);
      expect(downSeconds).toBeGreaterThanOrEqual(0.5);
      expect(downSeconds).toBeLessThan(8);
      expect(Math.floor(copy * 2)).toBeLessThan(2);
      expect(copy).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('seeded random numbers', () => {
  it('are uniform in [0, 1)', () => {
    const random = seededRandom(42);
    const numbers = Array.from({ length: 20_000 }, random);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    // Standard error of each tenth's share: sqrt(0.09 / 20000) = 0.002.
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = numbers.filter((one) => Math.floor(10 * one) === tenth).length / numbers.length;
      expect(Math.abs(share - 0.1)).toBeLessThan(0.01);
    }
  });
});
