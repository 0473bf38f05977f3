import {
  HALVES,
  MARKS,
  PackedTexts,
  halfOf,
  hashFraction,
  markOf,
  type ConsecutiveTexts,
  type TextParts,
} from '@factory/domain';
import { markedId, visitorHash } from './seeds';

const OUT_OF_TIME = MARKS.indexOf('out-of-time');
/** Hex digits of `visitorHash`. */
const HASH_BYTES = 32;

export interface VisitsToMark {
  readonly ids: TextParts;
  /** No text = no visitor known. */
  readonly visitors: TextParts;
  /** [rows] 1 = out-of-time. */
  readonly outOfTime: Uint8Array;
  readonly markSeed: string;
  readonly halfSeed: string;
  /** Key of the visitors' hash. */
  readonly hashKey: string;
}

export interface MarkedVisits {
  /** [rows] index into MARKS. */
  readonly marks: Uint8Array;
  /** [rows] index into HALVES. */
  readonly halves: Uint8Array;
  /** The keyed hash of each visitor. */
  readonly visitorIds: ConsecutiveTexts;
}

/** Marks visits, halves them and hashes their visitors (rules R3): three hashes per row. */
export function markVisits({ outOfTime, markSeed, halfSeed, hashKey, ...texts }: VisitsToMark): MarkedVisits {
  const ids = PackedTexts.of(texts.ids);
  const visitors = PackedTexts.of(texts.visitors);
  const rows = ids.length;
  const marks = new Uint8Array(rows);
  const halves = new Uint8Array(rows);
  const bytes = Buffer.alloc(rows * HASH_BYTES);
  for (let row = 0; row < rows; row++) {
    const one = markedId(ids.get(row) ?? '', visitors.get(row));
    const markFraction = hashFraction(markSeed, one);
    marks[row] = outOfTime[row] === 1 ? OUT_OF_TIME : MARKS.indexOf(markOf(markFraction));
    halves[row] = HALVES.indexOf(halfOf(markFraction, hashFraction(halfSeed, one)));
    bytes.write(visitorHash(hashKey, one), row * HASH_BYTES, 'latin1');
  }
  const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => row * HASH_BYTES);
  return { marks, halves, visitorIds: { offsets, bytes } };
}
