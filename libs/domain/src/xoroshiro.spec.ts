import * as fc from 'fast-check';
import { Xoroshiro128Plus } from './xoroshiro';

const WORD = (1n << 64n) - 1n;
const rotated = (word: bigint, by: bigint) => ((word << by) | (word >> (64n - by))) & WORD;

/** The generator as its authors publish it, in whole 64-bit words. */
function* published(first: bigint, second: bigint): Generator<bigint, never> {
  for (let [s0, s1] = [first, second]; ;) {
    yield (s0 + s1) & WORD;
    s1 ^= s0;
    [s0, s1] = [(rotated(s0, 24n) ^ s1 ^ (s1 << 16n)) & WORD, rotated(s1, 37n)];
  }
}

describe('xoroshiro128+', () => {
  it('as worked out above gives the numbers of the reference implementation', () => {
    // xoroshiro128plus.c with the state {1, 2}; also the vector of the Rust crate rand_xoshiro.
    const words = published(1n, 2n);
    expect(Array.from({ length: 5 }, () => words.next().value)).toEqual([
      3n,
      412333834243n,
      2360170716294286339n,
      9295852285959843169n,
      2797080929874688578n,
    ]);
  });

  it('gives the lower halves of those numbers, from a state filled with the seed, whatever the seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 }), (seed) => {
        const half = BigInt.asUintN(32, BigInt(seed));
        const words = published((0xffffffffn << 32n) | (~half & 0xffffffffn), half << 32n);
        const random = new Xoroshiro128Plus(seed);
        for (let draw = 0; draw < 200; draw++)
          expect(random.int32()).toBe(Number(BigInt.asIntN(32, words.next().value)));
      }),
    );
  });

  it.each([
    // The first four and the millionth of pure-rand 7.0.1 and 8.4.2, with which models were published.
    [0, [-1, -65537, -16777216, -67101666], -874452914],
    [11, [-12, -185336150, -4180020, 1365594131], -1751390971],
    [-7, [6, 117047481, -520089095, 404899586], -1416358955],
    [2147483647, [-2147483648, -2130706417, 1887404415, -2132816530], -2080451656],
    [4294967295, [0, 16777215, -520093697, 14687996], 74207438],
  ])('gives what every release before gave: seed %i', (seed, first, millionth) => {
    const random = new Xoroshiro128Plus(seed);
    expect(Array.from({ length: 4 }, () => random.int32())).toEqual(first);
    for (let draw = 5; draw < 1_000_000; draw++) random.int32();
    expect(random.int32()).toBe(millionth);
  });

  it('draws below a number evenly, up to 2^32', () => {
    const random = new Xoroshiro128Plus(5);
    const counts = new Uint32Array(10);
    for (let draw = 0; draw < 100_000; draw++) counts[random.below(10)]!++;
    // Pearson's statistic of nine degrees of freedom: 99.9 % are below 27.9.
    expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(27.9);
    const [whole, bits] = [new Xoroshiro128Plus(5), new Xoroshiro128Plus(5)];
    for (let draw = 0; draw < 100; draw++) expect(whole.below(2 ** 32)).toBe(bits.int32() >>> 0);
  });
});
