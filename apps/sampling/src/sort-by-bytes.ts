import { compareBytes } from '@factory/domain';

/**
 * Order that sorts ids by their bytes in UTF-8, as positions into `ids`. UTF-16, which strings compare by, has
 * the same order but for characters beyond the basic plane: only then the bytes are compared.
 */
export function orderByBytes(ids: readonly string[]): Uint32Array {
  const order = Uint32Array.from(ids, (_, at) => at);
  const beyond = ids.some((id) => /[\ud800-\udfff]/.test(id));
  const compare = beyond ? compareBytes : (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return order.sort((a, b) => compare(ids[a] ?? '', ids[b] ?? ''));
}
