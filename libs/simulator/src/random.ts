import { Xoroshiro128Plus, hash52 } from '@factory/domain';

/** Seeded draws: the same seed and name give the same numbers on every machine. */
export class Random {
  private readonly bits: Xoroshiro128Plus;

  /** @param name separates streams: each product draws from its own, independent of the others */
  constructor(seed: number, name: string) {
    this.bits = new Xoroshiro128Plus(hash52(`simulator|${seed}`, name) | 0);
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    const high = this.bits.int32() >>> 5;
    const low = this.bits.int32() >>> 6;
    return (high * 67_108_864 + low) / 9_007_199_254_740_992;
  }

  /** Standard normal, by Box and Muller 1958. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Poisson by Knuth's product of uniforms; for means up to about 30. */
  poisson(mean: number): number {
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count++;
    return count;
  }

  /** An index drawn by weights, given as their cumulative sum. */
  index(runningSum: readonly number[]): number {
    const target = this.uniform() * (runningSum.at(-1) ?? 0);
    let at = 0;
    while (at < runningSum.length - 1 && (runningSum[at] ?? 0) <= target) at++;
    return at;
  }
}

/** Cumulative sum of weights, for `Random.index`. */
export function runningSum(weights: readonly number[]): number[] {
  let sum = 0;
  return weights.map((weight) => (sum += weight));
}
