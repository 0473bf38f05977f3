import { Utf8, makeData, type Data } from 'apache-arrow';
import { TextGroups } from './text-groups';

interface Piece {
  /** Row of its first text. */
  readonly start: number;
  readonly rows: number;
  /** [rows + 1] offset of each text, from 0. */
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/**
 * Text of many rows as stored in a file: its bytes and offsets. One string per row would take several times the
 * memory, and garbage collection would have to visit each of them.
 */
export class TextColumn {
  private readonly pieces: Piece[] = [];
  private count = 0;

  /** Number of texts. */
  get rows(): number {
    return this.count;
  }

  /**
   * Adds copies of texts.
   *
   * @param offsets [rows + 1] offset of each in `bytes`
   */
  add(offsets: Int32Array, bytes: Uint8Array): void {
    const first = offsets[0] ?? 0;
    this.own(
      offsets.map((offset) => offset - first),
      bytes.slice(first, offsets[offsets.length - 1] ?? 0),
    );
  }

  /**
   * As `add`, without a copy: the caller must not change these arrays any more, and offsets must begin at 0.
   */
  own(offsets: Int32Array, bytes: Uint8Array): void {
    const rows = offsets.length - 1;
    if (rows <= 0) return;
    this.pieces.push({ start: this.count, rows, offsets, bytes });
    this.count += rows;
  }

  /**
   * Numbers equal texts 0, 1, 2 ... in order of first occurrence: groups for a bootstrap.
   *
   * @param rows ascending
   * @returns [rows]
   */
  groupNumbers(rows: Uint32Array): Uint32Array {
    const groups = new TextGroups(rows.length);
    let piece = 0;
    return rows.map((row) => {
      while (row >= (this.pieces[piece]?.start ?? Infinity) + (this.pieces[piece]?.rows ?? 0)) piece++;
      const of = this.pieces[piece];
      return of ? groups.numberOf(of, row - of.start) : 0;
    });
  }

  /** Texts of rows [from, to) for a record batch. */
  cut(from: number, to: number): Data<Utf8> {
    const valueOffsets = new Int32Array(to - from + 1);
    const parts: Uint8Array[] = [];
    let [row, end] = [0, 0];
    for (const { start, rows, offsets, bytes } of this.pieces) {
      const first = Math.max(from, start) - start;
      const last = Math.min(to, start + rows) - start;
      if (first >= last) continue;
      const shift = end - (offsets[first] ?? 0);
      for (let at = first; at < last; at++) valueOffsets[++row] = (offsets[at + 1] ?? 0) + shift;
      parts.push(bytes.subarray(offsets[first] ?? 0, offsets[last] ?? 0));
      end = valueOffsets[row] ?? 0;
    }
    const data = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    return makeData({ type: new Utf8(), length: to - from, nullCount: 0, valueOffsets, data });
  }
}
