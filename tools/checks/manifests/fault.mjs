/**
 * What is wrong in a document.
 *
 * @typedef {object} Fault
 * @property {string} file
 * @property {string} field
 * @property {unknown} [value]
 * @property {string} todo
 *
 * @typedef {readonly (string | number)[]} Path steps into a document
 */

/** @param {Fault} fault */
export function faultText({ file, field, value, todo }) {
  return `${file}: ${field} = ${JSON.stringify(value) ?? 'absent'}: ${todo}`;
}

/**
 * What is at a path of an object, undefined where there is nothing.
 *
 * @param {unknown} object
 * @param {Path} path
 * @returns {unknown}
 */
export function valueAt(object, path) {
  return path.reduce(
    (at, step) =>
      typeof at === 'object' && at !== null
        ? /** @type {Record<string | number, unknown>} */ (at)[step]
        : undefined,
    object,
  );
}
