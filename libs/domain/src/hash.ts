import { hash } from 'node:crypto';

const TWO_POW_52 = 2 ** 52;

/**
 * `h(salt, id)` of docs/rules.md: the first 13 hex digits of MD5(`salt|id`) as a number in [0, 1).
 * The same value as `CONV(LEFT(MD5(CONCAT(salt, '|', id)), 13), 16, 10) / 4503599627370496` in SQL.
 *
 * @param id the id as canonical text (decimal digits for integers, UTF-8)
 */
export function hashFraction(salt: string, id: string): number {
  return hash52(salt, id) / TWO_POW_52;
}

/** The same hash as a whole number in [0, 2^52): exact in a double, so it orders rows as SQL does. */
export function hash52(salt: string, id: string): number {
  return Number.parseInt(hash('md5', `${salt}|${id}`).slice(0, 13), 16);
}

/** Orders ids by their bytes in UTF-8, the tie-break wherever docs/rules.md says "ties by id" or "by bytes". */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}
