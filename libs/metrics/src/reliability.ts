import { checkScores, ratio } from './ranking';
import { rowsByScore } from './score-order';

/** A tenth of the visits, by score: what was predicted for them, and what came of it. */
export interface ReliabilityBin {
  /** Lowest and highest score in the bin. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  /** Rows with the goal. */
  readonly goals: number;
  /** Visits that the rows stand for. */
  readonly weight: number;
  /** Weighted mean score. */
  readonly predicted: number;
  /** Weighted share of goals. */
  readonly observed: number;
  /** Wilson's 95 % interval of `observed`, as if rows were independent. */
  readonly lower95: number;
  readonly upper95: number;
}

/**
 * Reliability in bins of equal weight, from the lowest scores to the highest. Rows of one score are in one bin, that of
 * the middle of their weight, so there are fewer bins where many scores are equal; rows without weight are left out.
 *
 * @param scores [rows] natural-prior probabilities
 * @param labels [rows] 1 = goal reached
 * @param weights [rows] at least 0
 * @throws BadInputError `invalid-scores`
 */
export function reliabilityBins(
  scores: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
  count = 10,
): ReliabilityBin[] {
  checkScores(scores, labels, weights);
  const order = rowsByScore(scores).filter((row) => (weights[row] ?? 0) > 0);
  const total = order.reduce((sum, row) => sum + (weights[row] ?? 0), 0);
  const sums = Array.from({ length: count }, () => new BinSums());
  let below = 0;
  for (let first = 0; first < order.length;) {
    const score = scores[order[first] ?? 0] ?? 0;
    let [next, weight] = [first, 0];
    for (; next < order.length && scores[order[next] ?? 0] === score; next++)
      weight += weights[order[next] ?? 0] ?? 0;
    const bin = sums[Math.min(count - 1, Math.floor((count * (below + weight / 2)) / total))];
    for (let at = first; at < next; at++) {
      const row = order[at] ?? 0;
      bin?.add(score, labels[row] === 1, weights[row] ?? 0);
    }
    below += weight;
    first = next;
  }
  return sums.flatMap((bin) => (bin.rows === 0 ? [] : [bin.figures()]));
}

class BinSums {
  rows = 0;
  private goals = 0;
  private from = 0;
  private to = 0;
  private weight = 0;
  private goalWeight = 0;
  private scores = 0;
  private goalSquares = 0;
  private otherSquares = 0;

  /** Rows come by score. */
  add(score: number, goal: boolean, weight: number): void {
    if (this.rows === 0) this.from = score;
    this.to = score;
    this.rows++;
    this.weight += weight;
    this.scores += weight * score;
    if (goal) {
      this.goals++;
      this.goalWeight += weight;
      this.goalSquares += weight * weight;
    } else this.otherSquares += weight * weight;
  }

  figures(): ReliabilityBin {
    const { from, to, rows, goals, weight } = this;
    const observed = ratio(this.goalWeight, weight);
    const [lower95, upper95] = wilsonInterval(observed, this.independentRows(observed));
    return { from, to, rows, goals, weight, predicted: this.scores / weight, observed, lower95, upper95 };
  }

  /**
   * How many unweighted rows would tell the share as surely: from the linearised variance of a weighted share, which
   * knows that goals and others were drawn apart; where that is 0 (one class), from the weights alone.
   * Source: Korn and Graubard 1998, "Confidence Intervals for Proportions with Small Expected Number of Positive Counts
   * Estimated from Survey Data"; one class: Kish 1965, "Survey Sampling".
   */
  private independentRows(share: number): number {
    const squared = this.goalSquares * (1 - share) ** 2 + this.otherSquares * share ** 2;
    if (squared > 0) return (share * (1 - share) * this.weight ** 2) / squared;
    return this.weight ** 2 / (this.goalSquares + this.otherSquares);
  }
}

/** 97.5th percentile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * 95 % interval of a share.
 * Source: Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference".
 *
 * @param rows independent ones; need not be whole
 */
export function wilsonInterval(share: number, rows: number): readonly [lower: number, upper: number] {
  const middle = (share + Z ** 2 / (2 * rows)) / (1 + Z ** 2 / rows);
  const reach =
    (Z * Math.sqrt((share * (1 - share)) / rows + Z ** 2 / (4 * rows ** 2))) / (1 + Z ** 2 / rows);
  return [Math.max(0, middle - reach), Math.min(1, middle + reach)];
}
