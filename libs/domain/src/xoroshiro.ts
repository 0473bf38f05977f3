/**
 * Seeded draws that are the same on every machine and in every release: xoroshiro128+ (Blackman and Vigna 2018,
 * https://prng.di.unimi.it/xoroshiro128plus.c), its lower 32 bits. Golden rows and bootstrap intervals are drawn with
 * it, so its numbers never change. Not for secrets.
 */
export class Xoroshiro128Plus {
  // Two words of 64 bits, each as its upper and lower half.
  private upper0 = -1;
  private lower0: number;
  private upper1: number;
  private lower1 = 0;

  /** @param seed a 32-bit number, with or without sign */
  constructor(seed: number) {
    this.lower0 = ~seed;
    this.upper1 = seed | 0;
  }

  /** Uniform over all signed 32-bit numbers. */
  int32(): number {
    const { upper0, lower0, upper1, lower1 } = this;
    const upper = upper1 ^ upper0;
    const lower = lower1 ^ lower0;
    this.upper0 = (upper0 << 24) ^ (lower0 >>> 8) ^ upper ^ ((upper << 16) | (lower >>> 16));
    this.lower0 = (lower0 << 24) ^ (upper0 >>> 8) ^ lower ^ (lower << 16);
    this.upper1 = (lower << 5) ^ (upper >>> 27);
    this.lower1 = (upper << 5) ^ (lower >>> 27);
    return (lower0 + lower1) | 0;
  }

  /** Uniform over the whole numbers from 0 to below `count`, which is at most 2^32. */
  below(count: number): number {
    return (((this.int32() >>> 0) / 2 ** 32) * count) >>> 0;
  }
}
