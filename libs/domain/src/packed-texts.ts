/** A `PackedTexts` as plain memory, for another thread or a file. */
export interface TextParts {
  /** [rows] offset of each text in `bytes`. */
  readonly starts: Uint32Array;
  /** [rows] length of each text in bytes; -1 = none. */
  readonly lengths: Int32Array;
  readonly bytes: Uint8Array;
}

/** Consecutive texts: each ends where the next begins. */
export interface ConsecutiveTexts {
  /** [rows + 1]. */
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

const FIRST_BYTES = 1024;

/**
 * Texts of many rows as UTF-8 bytes: one string per text would take several times the memory, and garbage
 * collection would visit each. A row is set once.
 */
export class PackedTexts implements Iterable<string | null> {
  private bytes: Buffer;
  private used = 0;

  private constructor(
    private readonly starts: Uint32Array,
    private readonly lengths: Int32Array,
    bytes: Buffer,
  ) {
    this.bytes = bytes;
  }

  /** The given number of rows, all without a text. */
  static ofRows(rows: number): PackedTexts {
    return new PackedTexts(new Uint32Array(rows), new Int32Array(rows).fill(-1), Buffer.alloc(FIRST_BYTES));
  }

  static from(texts: readonly (string | null)[]): PackedTexts {
    const packed = PackedTexts.ofRows(texts.length);
    texts.forEach((text, row) => packed.set(row, text));
    return packed;
  }

  /** The same memory, read-only. */
  static of({ starts, lengths, bytes }: TextParts): PackedTexts {
    const texts = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const packed = new PackedTexts(starts, lengths, texts);
    packed.used = texts.length;
    return packed;
  }

  get length(): number {
    return this.lengths.length;
  }

  /** The first rows, sharing the memory. */
  head(rows: number): PackedTexts {
    const head = new PackedTexts(this.starts.subarray(0, rows), this.lengths.subarray(0, rows), this.bytes);
    head.used = this.used;
    return head;
  }

  /** Its memory, not copied. */
  get parts(): TextParts {
    return { starts: this.starts, lengths: this.lengths, bytes: this.bytes.subarray(0, this.used) };
  }

  /** @param text null = none */
  set(row: number, text: string | null): void {
    if (text === null) return;
    // A UTF-16 code unit takes at most three bytes in UTF-8.
    const most = this.used + 3 * text.length;
    if (most > this.bytes.length) this.grow(most);
    const length = this.bytes.write(text, this.used, 'utf8');
    this.starts[row] = this.used;
    this.lengths[row] = length;
    this.used += length;
  }

  get(row: number): string | null {
    const length = this.lengths[row] ?? -1;
    if (length < 0) return null;
    const start = this.starts[row] ?? 0;
    return this.bytes.toString('utf8', start, start + length);
  }

  /** Texts of rows [from, to); '' for rows without one. */
  slice(from: number, to: number): string[] {
    const count = Math.max(0, Math.min(to, this.length) - from);
    return Array.from({ length: count }, (_, at) => this.get(from + at) ?? '');
  }

  *[Symbol.iterator](): Generator<string | null> {
    for (let row = 0; row < this.length; row++) yield this.get(row);
  }

  /** Texts of the rows in another order; a row without a text becomes an empty one. */
  inOrder(order: Uint32Array): ConsecutiveTexts {
    const offsets = new Int32Array(order.length + 1);
    let end = 0;
    for (let at = 0; at < order.length; at++) {
      end += Math.max(0, this.lengths[order[at] ?? 0] ?? 0);
      offsets[at + 1] = end;
    }
    const bytes = new Uint8Array(end);
    for (let at = 0; at < order.length; at++) {
      const row = order[at] ?? 0;
      const start = this.starts[row] ?? 0;
      let to = offsets[at] ?? 0;
      // Byte by byte: a view for each of a million short texts would cost more than their bytes.
      for (let from = start; from < start + (this.lengths[row] ?? 0); from++)
        bytes[to++] = this.bytes[from] ?? 0;
    }
    return { offsets, bytes };
  }

  /** The rows of all parts, concatenated. */
  static joined(parts: readonly PackedTexts[]): PackedTexts {
    const rows = parts.reduce((sum, part) => sum + part.length, 0);
    const all = new PackedTexts(
      new Uint32Array(rows),
      new Int32Array(rows),
      Buffer.alloc(parts.reduce((sum, part) => sum + part.used, 0)),
    );
    let row = 0;
    for (const part of parts) {
      all.lengths.set(part.lengths, row);
      for (let at = 0; at < part.length; at++) all.starts[row + at] = (part.starts[at] ?? 0) + all.used;
      part.bytes.copy(all.bytes, all.used, 0, part.used);
      all.used += part.used;
      row += part.length;
    }
    return all;
  }

  /** Wraps consecutive texts without copying. */
  static ofConsecutive({ offsets, bytes }: ConsecutiveTexts): PackedTexts {
    const rows = offsets.length - 1;
    const starts = Uint32Array.from(offsets.subarray(0, rows));
    const lengths = Int32Array.from({ length: rows }, (_, at) => (offsets[at + 1] ?? 0) - (offsets[at] ?? 0));
    return PackedTexts.of({ starts, lengths, bytes });
  }

  private grow(least: number): void {
    const larger = Buffer.alloc(Math.max(least, 2 * this.bytes.length));
    this.bytes.copy(larger, 0, 0, this.used);
    this.bytes = larger;
  }
}
