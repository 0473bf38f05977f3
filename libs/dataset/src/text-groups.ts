/** Texts one after the other, as in a file. */
export interface TextPiece {
  /** [rows + 1] offset of each text. */
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/**
 * Numbers equal texts 0, 1, 2 ... in order of first occurrence, without making strings of them: at most 32 bytes a
 * text.
 *
 * @param rows number of texts to come, at most
 */
export class TextGroups {
  /** Number of the text in each place of the table, plus one; 0 = free. */
  private readonly places: Uint32Array;
  /** Of each numbered text: the piece that it is in, and its row there. */
  private readonly pieces: TextPiece[] = [];
  private readonly rowOf: Uint32Array;
  private count = 0;

  constructor(rows: number) {
    this.places = new Uint32Array(2 ** Math.ceil(Math.log2(2 * Math.max(1, rows))));
    this.rowOf = new Uint32Array(rows);
  }

  numberOf(piece: TextPiece, row: number): number {
    const mask = this.places.length - 1;
    for (let place = hashOf(piece, row) & mask; ; place = (place + 1) & mask) {
      const known = (this.places[place] ?? 0) - 1;
      if (known < 0) return this.add(piece, row, place);
      const other = this.pieces[known];
      if (other && isSame(piece, row, other, this.rowOf[known] ?? 0)) return known;
    }
  }

  private add(piece: TextPiece, row: number, place: number): number {
    const number = this.count++;
    this.places[place] = number + 1;
    this.pieces[number] = piece;
    this.rowOf[number] = row;
    return number;
  }
}

/** FNV-1a. */
function hashOf({ offsets, bytes }: TextPiece, row: number): number {
  let hash = 0x811c9dc5;
  for (let at = offsets[row] ?? 0; at < (offsets[row + 1] ?? 0); at++)
    hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}

function isSame(one: TextPiece, row: number, other: TextPiece, otherRow: number): boolean {
  const [from, to] = [one.offsets[row] ?? 0, one.offsets[row + 1] ?? 0];
  const start = other.offsets[otherRow] ?? 0;
  if ((other.offsets[otherRow + 1] ?? 0) - start !== to - from) return false;
  for (let at = from; at < to; at++) if (one.bytes[at] !== other.bytes[start + at - from]) return false;
  return true;
}
