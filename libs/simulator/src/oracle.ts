/**
 * ROC-AUC of `scores` where row i counts as a positive with weight `positive[i]` and as a negative with
 * `negative[i]`: the share of (positive, negative) pairs in the right order, ties half. O(n log n).
 *
 * With labels (1, 0) it is the plain AUC; with (p, 1 - p) it is the AUC that the true propensities reach
 * in expectation, which no model can beat in the long run.
 *
 * @returns NaN if either side has no weight
 */
export function weightedAuc(
  scores: ArrayLike<number>,
  positive: (row: number) => number,
  negative: (row: number) => number,
): number {
  const order = Array.from(scores, (_, row) => row).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  let pairs = 0;
  let positives = 0;
  let negativesBelow = 0;
  for (let from = 0; from < order.length;) {
    const score = scores[order[from] ?? 0];
    let tiedPositive = 0;
    let tiedNegative = 0;
    for (; from < order.length && scores[order[from] ?? 0] === score; from++) {
      tiedPositive += positive(order[from] ?? 0);
      tiedNegative += negative(order[from] ?? 0);
    }
    pairs += tiedPositive * (negativesBelow + tiedNegative / 2);
    positives += tiedPositive;
    negativesBelow += tiedNegative;
  }
  return pairs / (positives * negativesBelow);
}
