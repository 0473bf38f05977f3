import { SeededRandom } from './seeded-random';

const draw = <T>(count: number, one: () => T): T[] => Array.from({ length: count }, one);
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('SeededRandom', () => {
  it('is uniform: in each tenth of [0, 1) a tenth of the draws, within five standard errors', () => {
    const random = new SeededRandom(1, 'uniform');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[Math.floor(random.fraction() * 10)]!++;
    counts.forEach((count) => expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(9000)));
  });

  it('draws standard normals: mean 0, variance 1, 4.6 % beyond two deviations', () => {
    const random = new SeededRandom(2, 'normal');
    const values = draw(100_000, () => random.normal());
    expect(Math.abs(mean(values))).toBeLessThan(0.016);
    expect(Math.abs(mean(values.map((value) => value * value)) - 1)).toBeLessThan(0.023);
    expect(mean(values.map((value) => Number(Math.abs(value) > 2)))).toBeCloseTo(0.0455, 2);
  });

  it('gives the same stream for the same seed and name, and others for another of either', () => {
    const stream = (seed: number, name: string) => {
      const random = new SeededRandom(seed, name);
      return draw(5, () => random.uint32());
    };
    expect(stream(1, 'a')).toEqual(stream(1, 'a'));
    expect(stream(1, 'a')).not.toEqual(stream(2, 'a'));
    expect(stream(1, 'a')).not.toEqual(stream(1, 'b'));
  });

  it('shuffles every order of three about equally often', () => {
    const random = new SeededRandom(3, 'shuffle');
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const values = Uint32Array.of(1, 2, 3);
      random.shuffle(values);
      seen.set(values.join(), (seen.get(values.join()) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    seen.forEach((count) => expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(833)));
  });
});
