/**
 * @typedef {object} Fault
 * @property {string} file
 * @property {string} field
 * @property {unknown} value
 * @property {string} todo
 */

/** @param {Fault} fault */
export function faultText({ file, field, value, todo }) {
  return `${file}: ${field} = ${JSON.stringify(value) ?? 'absent'}: ${todo}`;
}

/** What stands at a path of an object, undefined where there is nothing. */
export function valueAt(object, path) {
  return path.reduce((at, step) => at?.[step], object);
}
