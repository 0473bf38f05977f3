import type { TextParts } from '@factory/domain';

/** One bucket per byte value, and one for texts that have ended, which sort before longer ones. */
const KEYS = 257;

/**
 * Order that sorts texts by their bytes in UTF-8, as positions; stable. A radix sort from the last byte to the
 * first; each pass reads every text once. No text is converted to a string.
 */
export function orderByBytes({ starts, lengths, bytes }: TextParts): Uint32Array {
  const rows = lengths.length;
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  let order = Uint32Array.from({ length: rows }, (_, at) => at);
  let sorted = new Uint32Array(rows);
  const places = new Uint32Array(KEYS);
  const keyAt = (row: number, at: number) =>
    at < (lengths[row] ?? 0) ? (bytes[(starts[row] ?? 0) + at] ?? 0) + 1 : 0;
  for (let at = longest - 1; at >= 0; at--) {
    places.fill(0);
    for (let k = 0; k < rows; k++) {
      const key = keyAt(order[k] ?? 0, at);
      places[key] = (places[key] ?? 0) + 1;
    }
    for (let key = 0, before = 0; key < KEYS; key++) {
      const count = places[key] ?? 0;
      places[key] = before;
      before += count;
    }
    for (let k = 0; k < rows; k++) {
      const row = order[k] ?? 0;
      const key = keyAt(row, at);
      const place = places[key] ?? 0;
      sorted[place] = row;
      places[key] = place + 1;
    }
    [order, sorted] = [sorted, order];
  }
  return order;
}
