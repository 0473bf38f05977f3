/**
 * The message of a thrown value of any type.
 *
 * @param {unknown} thrown
 * @returns {string}
 */
export function messageOf(thrown) {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * The code of a thrown value, such as `EEXIST`; undefined if it has none.
 *
 * @param {unknown} thrown
 * @returns {unknown}
 */
export function codeOf(thrown) {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
}
