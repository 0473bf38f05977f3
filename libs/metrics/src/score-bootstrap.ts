import {
  BOOTSTRAP_SAMPLES,
  eachDraw,
  groupCount,
  groupSums,
  intervalOf,
  type BootstrapInterval,
} from './group-draws';
import { logLosses } from './probability-metrics';
import { checkScores, ratio } from './ranking';
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

/** The same, with the differences to other models. */
export interface ComparedIntervals<Other extends string> extends ScoreIntervals {
  /** Mean log-loss minus that of each other model, as `pairedBootstrap` with the same seed. */
  readonly differences: Readonly<Record<Other, BootstrapInterval>>;
}

export interface BootstrapOptions<Other extends string> {
  readonly seed: number;
  /** Default 1,000. */
  readonly samples?: number;
  /** [rows] each: the losses of other models on the same rows, from `logLosses`. */
  readonly others?: Readonly<Record<Other, Float64Array>>;
}

/**
 * Intervals by drawing visitors with replacement, all figures on the same draws. Rows are sorted once; a draw costs one
 * step a visitor and figure, and one a row for the AUC. A figure that no draw can tell is 0.
 *
 * @throws BadInputError `invalid-scores`
 */
export function bootstrapScores<Other extends string = never>(
  rows: ScoredRows,
  { seed, samples = BOOTSTRAP_SAMPLES, others }: BootstrapOptions<Other>,
): ComparedIntervals<Other> {
  const { scores, labels, weights } = rows;
  checkScores(scores, labels, weights);
  const losses = logLosses(scores, labels);
  const names = Object.keys(others ?? {}) as Other[];
  const sums = new VisitorSums(rows, losses, Object.values<Float64Array>(others ?? {}));
  const area = new DrawnArea(rows);
  // Figures of all draws, one draw after the other.
  const width = 4 + names.length;
  const drawn = new Float64Array(samples * width);
  const look = (times: Uint16Array, into: Float64Array): void => {
    const [weight = 0, loss = 0, score = 0, goals = 0, ...differences] = sums.of(times);
    into[0] = loss / weight;
    into[1] = area.of(times);
    into[2] = goals === 0 ? NaN : score / goals;
    into[3] = score / weight;
    differences.forEach((difference, at) => (into[4 + at] = ratio(difference, weight)));
  };
  let draw = 0;
  eachDraw({ count: sums.groups, samples, seed }, (times) =>
    look(times, drawn.subarray(width * draw, width * ++draw)),
  );
  const estimates = new Float64Array(width);
  look(new Uint16Array(sums.groups).fill(1), estimates);
  const interval = (at: number) =>
    intervalOf(
      estimates[at] || 0,
      Float64Array.from({ length: samples }, (_, of) => drawn[of * width + at] ?? NaN),
    );
  return {
    logLoss: interval(0),
    rocAuc: interval(1),
    calibrationRatio: interval(2),
    meanScore: interval(3),
    differences: Object.fromEntries(names.map((name, at) => [name, interval(4 + at)])) as Record<
      Other,
      BootstrapInterval
    >,
  };
}

/** Sums over visitors: weight, loss, score, weight of goals, and the difference of the loss to each other model's. */
class VisitorSums {
  /** Number of visitors. */
  readonly groups: number;
  private readonly width: number;
  /** [visitors, width], so that a draw passes over the memory once. */
  private readonly sums: Float64Array;
  private readonly total: Float64Array;

  constructor({ scores, labels, weights, groups }: ScoredRows, losses: Float64Array, others: Float64Array[]) {
    this.groups = groupCount(groups);
    this.width = 4 + others.length;
    this.sums = new Float64Array(this.groups * this.width);
    this.total = new Float64Array(this.width);
    const figures: ((row: number) => number)[] = [
      () => 1,
      (row) => losses[row] ?? NaN,
      (row) => scores[row] ?? NaN,
      (row) => labels[row] ?? 0,
      ...others.map((other) => (row: number) => (losses[row] ?? NaN) - (other[row] ?? NaN)),
    ];
    figures.forEach((figure, at) => {
      const sums = groupSums(groups, this.groups, (row) => (weights[row] ?? 0) * figure(row));
      for (let group = 0; group < this.groups; group++) this.sums[group * this.width + at] = sums[group] ?? 0;
    });
  }

  /** @returns memory that the next call overwrites */
  of(times: Uint16Array): Float64Array {
    const { groups, width, sums, total } = this;
    total.fill(0);
    for (let group = 0, from = 0; group < groups; group++, from += width) {
      const drawn = times[group] ?? 0;
      if (drawn === 0) continue;
      for (let at = 0; at < width; at++) total[at] = (total[at] ?? 0) + drawn * (sums[from + at] ?? 0);
    }
    return total;
  }
}

/** ROC-AUC of draws: rows stand sorted by score, and each counts as often as its visitor was drawn. */
class DrawnArea {
  private readonly goals: SortedRows;
  private readonly others: SortedRows;
  /** [goals] others that score lower, and others that score at most the same. */
  private readonly lower: Uint32Array;
  private readonly upTo: Uint32Array;

  constructor({ scores, labels, weights, groups }: ScoredRows) {
    const order = rowsByScore(scores);
    const sorted = (label: number): SortedRows => {
      const rows = order.filter((row) => labels[row] === label);
      return {
        scores: Float64Array.from(rows, (row) => scores[row] ?? NaN),
        groups: rows.map((row) => groups[row] ?? 0),
        weights: Float64Array.from(rows, (row) => weights[row] ?? 0),
      };
    };
    this.goals = sorted(1);
    this.others = sorted(0);
    let [lower, upTo] = [0, 0];
    const others = this.others.scores;
    this.lower = Uint32Array.from(this.goals.scores, (score) => {
      while ((others[lower] ?? Infinity) < score) lower++;
      return lower;
    });
    this.upTo = Uint32Array.from(this.goals.scores, (score) => {
      while ((others[upTo] ?? Infinity) <= score) upTo++;
      return upTo;
    });
  }

  /** NaN where the draw has one class only. */
  of(times: Uint16Array): number {
    const { goals, lower, upTo } = this;
    const { groups, weights } = this.others;
    // Of the others: how many were passed, what they weigh, and what those of the goal's own score weigh.
    let [passed, below, tied, tiedFrom] = [0, 0, 0, -1];
    let [area, all] = [0, 0];
    for (let at = 0; at < goals.groups.length; at++) {
      const [from, to] = [lower[at] ?? 0, upTo[at] ?? 0];
      for (; passed < from; passed++) below += (times[groups[passed] ?? 0] ?? 0) * (weights[passed] ?? 0);
      if (from === to) tied = 0;
      else if (tiedFrom !== from) {
        tied = 0;
        for (let row = from; row < to; row++) tied += (times[groups[row] ?? 0] ?? 0) * (weights[row] ?? 0);
      }
      tiedFrom = from === to ? -1 : from;
      const weight = (times[goals.groups[at] ?? 0] ?? 0) * (goals.weights[at] ?? 0);
      area += weight * (below + tied / 2);
      all += weight;
    }
    for (; passed < groups.length; passed++)
      below += (times[groups[passed] ?? 0] ?? 0) * (weights[passed] ?? 0);
    const pairs = all * below;
    return pairs === 0 ? NaN : area / pairs;
  }
}

/** Rows from the lowest score to the highest. */
interface SortedRows {
  readonly scores: Float64Array;
  readonly groups: Uint32Array;
  readonly weights: Float64Array;
}
