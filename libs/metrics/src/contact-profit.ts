import { checkScores } from './ranking';
import { rowsByScore } from './score-order';

/** What a goal brings and what reaching for it costs, in one currency. */
export interface ContactTerms {
  /** What a contacted visit with the goal brings. */
  readonly goalValue: number;
  /** What contacting a visit costs, with the goal or without. */
  readonly contactCost: number;
  /** Largest share of the visits that can be contacted, (0, 1]. */
  readonly capacity: number;
}

/**
 * Profit of each visit when those are contacted whose score says that it pays (score x value above cost), the highest
 * first and not more than there is capacity for. With true scores no other cut brings more (Elkan 2001, "The Foundations
 * of Cost-Sensitive Learning", section 2); the cut is not chosen by the labels, which would flatter both models.
 *
 * @param scores [rows] natural-prior probabilities
 * @param labels [rows] 1 = goal reached
 * @param weights [rows] at least 0
 * @returns [rows] of one visit that the row stands for: the weighted mean is the profit a visit. Rows of equal score at the
 *   end of the capacity share what is left of it
 * @throws BadInputError `invalid-scores`
 */
export function contactProfits(
  scores: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
  { goalValue, contactCost, capacity }: ContactTerms,
): Float64Array {
  checkScores(scores, labels, weights);
  const profits = new Float64Array(scores.length);
  const order = rowsByScore(scores);
  let left = capacity * weights.reduce((sum, weight) => sum + weight, 0);
  for (let last = order.length; last > 0 && left > 0;) {
    const score = scores[order[last - 1] ?? 0] ?? 0;
    if (score * goalValue <= contactCost) break;
    let [first, weight] = [last, 0];
    for (; first > 0 && scores[order[first - 1] ?? 0] === score; first--)
      weight += weights[order[first - 1] ?? 0] ?? 0;
    const share = weight > left ? left / weight : 1;
    for (let at = first; at < last; at++) {
      const row = order[at] ?? 0;
      profits[row] = share * ((labels[row] ?? 0) * goalValue - contactCost);
    }
    left -= weight;
    last = first;
  }
  return profits;
}
