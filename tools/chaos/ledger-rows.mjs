/**
 * Rows read from the ledger.
 *
 * @typedef {{run: string, source: string, product: number, outcome: string | null, reason: string | null}} RunRow
 * @typedef {object} EventRow
 * @property {string} run
 * @property {string} event
 * @property {string} shard
 * @property {number | null} sequence in its stream; null = never announced
 * @property {number} generation raised when it is announced again
 *
 * @typedef {object} UnitRow
 * @property {string} run
 * @property {string} stage
 * @property {string} shard
 * @property {string} status
 * @property {number} attempt
 * @property {number} token raised by each claim
 * @property {string | null} output JSON
 *
 * @typedef {object} ChampionRow
 * @property {string} source
 * @property {string} goal
 * @property {number} product
 * @property {string} version
 * @property {number} epoch
 * @property {string} manifestSha256
 */

export {};
