import { Random } from '@factory/simulator';
import { ValueBuckets, bucketQuantiles } from './value-buckets';

function bucketsOf(values: readonly number[], weights: readonly number[] = []) {
  const buckets = new ValueBuckets();
  values.forEach((value, at) => buckets.add(Math.fround(value), weights[at] ?? 1, false));
  return [...buckets.ascending()];
}

describe('buckets of values', () => {
  it('keep whole numbers up to 512 apart, on both sides of 0', () => {
    const values = Array.from({ length: 1025 }, (_, at) => at - 512);
    expect(bucketsOf(values).map(({ value }) => value)).toEqual(values);
  });

  it('are ascending whatever the order of rows, and know one 0', () => {
    const found = bucketsOf([3, -0, -1e30, 0.1, 0, 1e-30, -2]);
    expect(found.map(({ value }) => value)).toEqual([-1e30, -2, 0, 1e-30, 0.1, 3].map(Math.fround));
    expect(found[2]!.others).toBe(2);
    expect(Object.is(found[2]!.value, 0)).toBe(true);
  });

  it('give quantiles at most .4 % below the exact ones', () => {
    const random = new Random(1, 'quantiles');
    const values = Array.from({ length: 20_000 }, () => Math.fround(Math.exp(3 * random.normal())));
    const exact = [...values].sort((a, b) => a - b);
    const shares = [0.01, 0.1, 0.5, 0.9, 0.99];
    bucketQuantiles(bucketsOf(values), shares).forEach((found, at) => {
      const truth = exact[Math.ceil(shares[at]! * values.length) - 1]!;
      expect(found).toBeLessThanOrEqual(truth);
      expect(found / truth).toBeGreaterThan(1 - 2 ** -8);
    });
  });

  it('weigh values', () => {
    expect(bucketQuantiles(bucketsOf([1, 2, 3], [1, 1, 8]), [0.1, 0.2, 0.21, 1])).toEqual([1, 2, 3, 3]);
  });

  it('give 0 where there is no value', () => {
    expect(bucketQuantiles([], [0.5])).toEqual([0]);
  });
});
