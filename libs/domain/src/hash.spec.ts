import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import { compareBytes, hash52, hashFraction } from './hash';

/** An independent MD5 after RFC 1321: 64 steps over blocks of sixteen little-endian words. */
function md5(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  const blocks = Buffer.alloc(Math.ceil((bytes.length + 9) / 64) * 64);
  bytes.copy(blocks);
  blocks[bytes.length] = 0x80;
  blocks.writeBigUInt64LE(BigInt(bytes.length) * 8n, blocks.length - 8);
  const shifts = [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
  ];
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let start = 0; start < blocks.length; start += 64) {
    let [a, b, c, d] = state as [number, number, number, number];
    for (let step = 0; step < 64; step++) {
      const round = step >> 4;
      const mixed = [(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)][round]!;
      const word = [step, 5 * step + 1, 3 * step + 5, 7 * step][round]! % 16;
      const sum =
        (a +
          mixed +
          Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32) +
          blocks.readUInt32LE(start + 4 * word)) |
        0;
      const shift = shifts[round]![step % 4]!;
      [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
    }
    [a, b, c, d].forEach((one, index) => (state[index] = (state[index]! + one) | 0));
  }
  const out = Buffer.alloc(16);
  state.forEach((one, index) => out.writeInt32LE(one, 4 * index));
  return out.toString('hex');
}

describe('MD5', () => {
  it.each([
    // RFC 1321, A.5.
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a', '0cc175b9c0f1b6a831c399e269772661'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
    ['abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 'd174ab98d277d9f5a5611c2c9f419d9f'],
    ['1234567890'.repeat(8), '57edf4a22be3c955ac49da2e2107b67a'],
  ])('of %j is as published, by the code above and by the library', (text, published) => {
    expect(md5(text)).toBe(published);
    expect(createHash('md5').update(text).digest('hex')).toBe(published);
  });
});

describe('h(salt, id)', () => {
  it.each([
    // Python: int(hashlib.md5(f'{salt}|{id}'.encode()).hexdigest()[:13], 16), and that / 2 ** 52.
    ['seed|draw', '1', 1429761889200338, 0.31747091382435544],
    ['m', 'visitor-7', 3906510289571360, 0.8674195338834423],
    ['', '', 3265013934562234, 0.7249787291745933],
    ['salz', 'grün-日本', 3077158202688204, 0.6832663774077217],
    ['a', '18446744073709551615', 3628704386203736, 0.8057342318243368],
  ])('is what Python gives for %j, %j', (salt, id, whole, fraction) => {
    expect(hash52(salt, id)).toBe(whole);
    expect(hashFraction(salt, id)).toBe(fraction);
  });

  it('is the first 13 hex digits of MD5(salt|id) over 2^52, in [0, 1), for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (salt, id) => {
        const digits = BigInt(`0x${md5(`${salt}|${id}`).slice(0, 13)}`);
        expect(BigInt(hash52(salt, id))).toBe(digits);
        expect(hashFraction(salt, id) * 2 ** 52).toBe(hash52(salt, id));
        expect(hashFraction(salt, id)).toBeGreaterThanOrEqual(0);
        expect(hashFraction(salt, id)).toBeLessThan(1);
      }),
    );
  });

  const ROWS = 20_000;
  const ids = Array.from({ length: ROWS }, (_, index) => String(1_000_000 + index));
  /** Pearson's statistic against equal cells; of 99 degrees of freedom, 99.8 % are in (61.1, 148.2). */
  const chiSquare = (cells: readonly number[]): number => {
    const counts = new Array<number>(100).fill(0);
    for (const cell of cells) counts[cell]!++;
    const expected = cells.length / 100;
    return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  };

  it.each(['m', 'seed|draw', 'seed|oot'])('is uniform over consecutive ids, salt %s', (salt) => {
    const statistic = chiSquare(ids.map((id) => Math.floor(hashFraction(salt, id) * 100)));
    expect(statistic).toBeGreaterThan(61.1);
    expect(statistic).toBeLessThan(148.2);
  });

  it.each([
    ['seed|draw', 'seed|oot'],
    ['1', '2'],
  ])('gives independent draws: salts %s and %s', (first, second) => {
    const pairs = ids.map((id) => [hashFraction(first, id), hashFraction(second, id)] as const);
    const covariance = pairs.reduce((sum, [a, b]) => sum + (a - 0.5) * (b - 0.5), 0) / ROWS;
    // Four standard errors, 1 / sqrt(rows), of the correlation; the variance of a uniform is 1 / 12.
    expect(Math.abs(covariance * 12)).toBeLessThan(4 / Math.sqrt(ROWS));
    const joint = chiSquare(pairs.map(([a, b]) => Math.floor(a * 10) * 10 + Math.floor(b * 10)));
    expect(joint).toBeGreaterThan(61.1);
    expect(joint).toBeLessThan(148.2);
  });
});

describe('the order of ids by bytes', () => {
  it('is that of UTF-8, where UTF-16 code units differ from it', () => {
    const [bmp, astral] = ['\uff5e', '\u{1f600}'];
    expect(bmp < astral).toBe(false);
    expect(compareBytes(bmp, astral)).toBeLessThan(0);
    expect(['b', 'a10', 'a9', 'B', 'é', ''].sort(compareBytes)).toEqual(['', 'B', 'a10', 'a9', 'b', 'é']);
    expect(compareBytes('7', '7')).toBe(0);
  });
});
