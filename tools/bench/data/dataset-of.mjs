import { hashFraction, markOf, MARKS } from '@factory/domain';

/** @import { Column, Dataset } from '@factory/domain' */

/**
 * A dataset with one visitor per visit; the hash of the visit's number decides its part.
 *
 * @param {readonly Column[]} features
 * @param {Uint8Array} labels [rows]; 1 = goal reached
 * @param {(label: number) => number} weightOf 1 / drawn share of its class
 * @returns {Dataset}
 */
export function datasetOf(features, labels, weightOf) {
  const rows = labels.length;
  const ids = Array.from({ length: rows }, (_, row) => `1-${row + 1}`);
  return {
    rows,
    features,
    visitIds: ids,
    visitorIds: ids,
    visitTimes: new Float64Array(rows).fill(Date.UTC(2024, 0, 1)),
    labels,
    marks: Uint8Array.from(ids, (id) => MARKS.indexOf(markOf(hashFraction('bench', id)))),
    weights: Float64Array.from(labels, weightOf),
  };
}
