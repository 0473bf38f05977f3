/** @import { ChampionRow, UnitRow } from './ledger-rows.mjs' */

/** @param {ChampionRow} champion */
export function pointerKeyOf({ source, goal, product }) {
  return `models/${source}/${goal}/${product}/champion.json`;
}

/** @param {ChampionRow} champion */
export function manifestKeyOf({ source, goal, product, version }) {
  return `models/${source}/${goal}/${product}/${version}/manifest.json`;
}

/** @param {string} manifestKey */
export function folderOf(manifestKey) {
  return manifestKey.slice(0, -'manifest.json'.length);
}

/**
 * Every `{key, sha256}` in a stored output, except of publishing: its bundle is checked by its manifest.
 *
 * @param {readonly UnitRow[]} units
 * @returns {Map<string, string>} hashes by key
 */
export function artefactsOf(units) {
  /** @type {Map<string, string>} */
  const references = new Map();
  for (const { stage, status, output } of units)
    if (status === 'done' && stage !== 'publisher' && output) collect(JSON.parse(output), references);
  return references;
}

/**
 * @param {unknown} value
 * @param {Map<string, string>} references
 */
function collect(value, references) {
  if (typeof value !== 'object' || value === null) return;
  if (
    'key' in value &&
    'sha256' in value &&
    typeof value.key === 'string' &&
    typeof value.sha256 === 'string'
  )
    references.set(value.key, value.sha256);
  for (const inner of Object.values(value)) collect(inner, references);
}
