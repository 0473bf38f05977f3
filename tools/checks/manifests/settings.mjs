/** @typedef {import('./pods.mjs').Pod} Pod */

/**
 * What is written with commas between.
 *
 * @param {string | undefined} text
 */
export const listIn = (text) =>
  (text ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

/**
 * @param {Pod} pod
 * @param {string} name
 */
export const settingOf = (pod, name) => pod.settings.find((one) => one.name === name);

/**
 * The pools whose work a trainer takes.
 *
 * @param {Pod} pod
 */
export const poolsOf = (pod) => listIn(settingOf(pod, 'POOLS')?.value ?? 'default');
