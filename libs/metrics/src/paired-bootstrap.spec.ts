import { Xoroshiro128Plus } from '@factory/domain';
import { groupNumbers } from './group-draws';
import { pairedBootstrap } from './paired-bootstrap';

function normals(count: number, seed: number): Float64Array {
  const random = new Xoroshiro128Plus(seed);
  const uniform = () => ((random.int32() >>> 0) + 0.5) / 2 ** 32;
  return new Float64Array(count).map(
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

const rows = 4000;
const ones = new Float64Array(rows).fill(1);
const apart = Uint32Array.from(ones, (_, row) => row);
const zeros = new Float64Array(rows);

/** An interval without width. */
const only = (value: number) => ({
  estimate: value,
  lower95: value,
  upper95: value,
  lower99: value,
  upper99: value,
});

describe('paired bootstrap', () => {
  it('gives the interval of the normal approximation for independent rows', () => {
    const lossA = normals(rows, 1);
    const { estimate, lower95, upper95, lower99, upper99 } = pairedBootstrap({
      lossA,
      lossB: zeros,
      weights: ones,
      groups: apart,
      seed: 5,
    });
    const expected = lossA.reduce((sum, loss) => sum + loss, 0) / rows;
    expect(estimate).toBeCloseTo(expected, 12);
    const reach = 1.96 / Math.sqrt(rows);
    expect(Math.abs(upper95 - (expected + reach))).toBeLessThan(0.15 * reach);
    expect(Math.abs(lower95 - (expected - reach))).toBeLessThan(0.15 * reach);
    expect((upper99 - lower99) / (upper95 - lower95)).toBeCloseTo(2.576 / 1.96, 1);
  });

  it('is wider when rows of a visitor go together', () => {
    const visitors = normals(rows / 10, 2);
    const lossA = zeros.map((_, row) => visitors[Math.floor(row / 10)]!);
    const groups = apart.map((row) => Math.floor(row / 10));
    const width = (given: Uint32Array) => {
      const interval = pairedBootstrap({ lossA, lossB: zeros, weights: ones, groups: given, seed: 5 });
      return interval.upper95 - interval.lower95;
    };
    expect(width(groups) / width(apart)).toBeGreaterThan(2.5);
  });

  it('repeats by seed, and sees no difference between a model and itself', () => {
    const lossA = normals(rows, 3);
    const input = { lossA, lossB: zeros, weights: ones, groups: apart, samples: 50 };
    expect(pairedBootstrap({ ...input, seed: 9 })).toEqual(pairedBootstrap({ ...input, seed: 9 }));
    expect(pairedBootstrap({ ...input, seed: 9 })).not.toEqual(pairedBootstrap({ ...input, seed: 10 }));
    expect(pairedBootstrap({ ...input, lossB: lossA, seed: 9 })).toEqual(only(0));
  });

  it('weighs rows', () => {
    const two = pairedBootstrap({
      lossA: Float64Array.of(1, 4),
      lossB: Float64Array.of(0, 0),
      weights: Float64Array.of(3, 1),
      groups: Uint32Array.of(0, 0),
      samples: 10,
      seed: 1,
    });
    expect(two).toEqual(only(1.75));
  });

  it('numbers visitors in order of first occurrence', () => {
    expect([...groupNumbers(['b', 'a', 'b', 'c'])]).toEqual([0, 1, 0, 2]);
  });
});
