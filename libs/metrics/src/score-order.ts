/**
 * Numbers of rows from the lowest score to the highest, equal scores in order of rows. A comparison in JavaScript would
 * take seconds for a million rows: scores are turned into integers of the same order and sorted digit by digit.
 *
 * @param scores [rows] finite
 */
export function rowsByScore(scores: Float64Array): Uint32Array {
  const count = scores.length;
  const words = new Uint32Array(2 * count);
  // + 0 makes one zero of two.
  new Float64Array(words.buffer).set(scores.map((score) => score + 0));
  for (let row = 0; row < count; row++) {
    const high = words[2 * row + 1] ?? 0;
    // Of negative numbers all bits are turned, of others the sign.
    const turn = high >>> 31 === 1 ? 0xffffffff : 0;
    words[2 * row] = (words[2 * row] ?? 0) ^ turn;
    words[2 * row + 1] = high ^ (turn | 0x80000000);
  }
  let order = new Uint32Array(count).map((_, row) => row);
  let spare = new Uint32Array(count);
  for (let digit = 0; digit < 4; digit++) {
    const [word, shift] = [digit >> 1, (digit & 1) * 16];
    const starts = new Uint32Array(DIGITS + 1);
    for (let row = 0; row < count; row++) {
      const value = ((words[2 * row + word] ?? 0) >>> shift) & (DIGITS - 1);
      starts[value + 1] = (starts[value + 1] ?? 0) + 1;
    }
    for (let value = 0; value < DIGITS; value++)
      starts[value + 1] = (starts[value + 1] ?? 0) + (starts[value] ?? 0);
    for (let at = 0; at < count; at++) {
      const row = order[at] ?? 0;
      const value = ((words[2 * row + word] ?? 0) >>> shift) & (DIGITS - 1);
      const place = starts[value] ?? 0;
      spare[place] = row;
      starts[value] = place + 1;
    }
    [order, spare] = [spare, order];
  }
  return order;
}

const DIGITS = 65_536;
