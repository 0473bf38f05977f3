import {
  BOOTSTRAP_SAMPLES,
  eachDraw,
  groupCount,
  groupSums,
  intervalOf,
  type BootstrapInterval,
} from './group-draws';
import { rowLogLoss } from './probability-metrics';
import { checkScores } from './ranking';
import { rowsByScore } from './score-order';

export interface ScoredRows {
  /** [rows] natural-prior probabilities */
  readonly scores: Float64Array;
  /** [rows] 1 = goal reached */
  readonly labels: Uint8Array;
  /** [rows] at least 0 */
  readonly weights: Float64Array;
  /** [rows] number of each row's visitor, from `groupNumbers`. */
  readonly groups: Uint32Array;
}

/** How sure one model's figures are. */
export interface ScoreIntervals {
  readonly logLoss: BootstrapInterval;
  readonly rocAuc: BootstrapInterval;
  /** Mean predicted over observed; draws without a goal are left out. */
  readonly calibrationRatio: BootstrapInterval;
  readonly meanScore: BootstrapInterval;
}

/**
 * Intervals by drawing visitors with replacement, all figures on the same draws. Rows are sorted once; a draw costs one
 * step a visitor, and one a row for the AUC. A figure that no draw can tell is 0.
 *
 * @throws BadInputError `invalid-scores`
 */
export function bootstrapScores(
  rows: ScoredRows,
  { seed, samples = BOOTSTRAP_SAMPLES }: { readonly seed: number; readonly samples?: number },
): ScoreIntervals {
  const { scores, labels, weights, groups } = rows;
  checkScores(scores, labels, weights);
  const count = groupCount(groups);
  const weightOf = (row: number) => weights[row] ?? 0;
  const columns = [
    groupSums(groups, count, weightOf),
    groupSums(groups, count, (row) => weightOf(row) * rowLogLoss(scores[row] ?? NaN, labels[row] ?? 0)),
    groupSums(groups, count, (row) => weightOf(row) * (scores[row] ?? NaN)),
    groupSums(groups, count, (row) => (labels[row] === 1 ? weightOf(row) : 0)),
  ] as const;
  const area = new DrawnArea(rows);
  const drawn: Figures[] = [];
  const figuresOf = (times: Uint16Array): Figures => {
    const [weight, loss, score, goals] = columns.map((sums) => dot(times, sums)) as Four;
    return {
      logLoss: loss / weight,
      rocAuc: area.of(times),
      calibrationRatio: goals === 0 ? NaN : score / goals,
      meanScore: score / weight,
    };
  };
  eachDraw({ count, samples, seed }, (times) => drawn.push(figuresOf(times)));
  const estimates = figuresOf(new Uint16Array(count).fill(1));
  const interval = (name: keyof Figures) =>
    intervalOf(
      estimates[name] || 0,
      drawn.map((figures) => figures[name]),
    );
  return {
    logLoss: interval('logLoss'),
    rocAuc: interval('rocAuc'),
    calibrationRatio: interval('calibrationRatio'),
    meanScore: interval('meanScore'),
  };
}

type Four = [number, number, number, number];
type Figures = Record<keyof ScoreIntervals, number>;

function dot(times: Uint16Array, sums: Float64Array): number {
  let sum = 0;
  for (let group = 0; group < sums.length; group++) sum += (times[group] ?? 0) * (sums[group] ?? 0);
  return sum;
}

/** ROC-AUC of draws: rows stand sorted by score, and each counts as often as its visitor was drawn. */
class DrawnArea {
  /** Of the rows from the lowest score to the highest. */
  private readonly groups: Uint32Array;
  private readonly positive: Float64Array;
  private readonly negative: Float64Array;
  /** 1 = the last row of its score. */
  private readonly ends: Uint8Array;

  constructor({ scores, labels, weights, groups }: ScoredRows) {
    const order = rowsByScore(scores);
    this.groups = order.map((row) => groups[row] ?? 0);
    this.positive = Float64Array.from(order, (row) => (labels[row] === 1 ? (weights[row] ?? 0) : 0));
    this.negative = Float64Array.from(order, (row) => (labels[row] === 1 ? 0 : (weights[row] ?? 0)));
    this.ends = Uint8Array.from(order, (row, at) => (scores[row] === scores[order[at + 1] ?? -1] ? 0 : 1));
  }

  /** NaN where the draw has one class only. */
  of(times: Uint16Array): number {
    const { groups, positive, negative, ends } = this;
    let [area, below, goals, goalsOfScore, othersOfScore] = [0, 0, 0, 0, 0];
    for (let at = 0; at < groups.length; at++) {
      const drawn = times[groups[at] ?? 0] ?? 0;
      goalsOfScore += drawn * (positive[at] ?? 0);
      othersOfScore += drawn * (negative[at] ?? 0);
      if (ends[at] === 0) continue;
      area += goalsOfScore * (below + othersOfScore / 2);
      below += othersOfScore;
      goals += goalsOfScore;
      goalsOfScore = 0;
      othersOfScore = 0;
    }
    const pairs = goals * below;
    return pairs === 0 ? NaN : area / pairs;
  }
}
