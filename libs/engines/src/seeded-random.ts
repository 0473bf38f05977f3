const { imul } = Math;

/**
 * A small fast generator whose stream depends only on its seed and name: xoshiro128** (Blackman and Vigna
 * 2018), state filled by splitmix32. Not for secrets.
 */
export class SeededRandom {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /**
   * @param seed unsigned 32-bit number
   * @param stream purpose of the numbers: streams of one seed are independent of each other
   */
  constructor(seed: number, stream: string) {
    const next = splitmix32(mix(seed, stream));
    this.a = next();
    this.b = next();
    this.c = next();
    this.d = next() | 1;
  }

  /** The current position in the stream, for a generator that continues from it: four words. */
  get position(): Uint32Array {
    return Uint32Array.of(this.a, this.b, this.c, this.d);
  }

  set position(words: Uint32Array) {
    [this.a = 0, this.b = 0, this.c = 0, this.d = 0] = words;
  }

  /** Uniform over all unsigned 32-bit numbers. */
  uint32(): number {
    const scrambled = imul(this.b, 5);
    const result = imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }

  /** Uniform in [0, 1). */
  fraction(): number {
    return this.uint32() / 2 ** 32;
  }

  /** Standard normal (Box and Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.fraction()));
    return radius * Math.cos(2 * Math.PI * this.fraction());
  }

  /** Shuffles in place (Fisher and Yates). */
  shuffle(values: Uint32Array): void {
    for (let last = values.length - 1; last > 0; last--) {
      const other = Math.floor(this.fraction() * (last + 1));
      const kept = values[last] ?? 0;
      values[last] = values[other] ?? 0;
      values[other] = kept;
    }
  }
}

function mix(seed: number, stream: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < stream.length; i++) hash = imul(hash ^ stream.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function splitmix32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = imul(z ^ (z >>> 16), 0x85ebca6b);
    z = imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
}
