import { compareBytes, type CategoryColumn, type NumberColumn } from '@factory/domain';
import { rankScores, rocAuc } from '@factory/metrics';
import { MOST_LEVELS, QUANTILE_SHARES, type CategoryStatistics, type NumberStatistics } from '@factory/model';
import { CategoryLikeness, NumberLikeness } from './likeness';
import type { ChosenRows } from './profile-batch';
import { rounded } from './rounded';
import { ValueBuckets, bucketQuantiles, rankingOf, type Bucket } from './value-buckets';

/** Weights of all goals and all other visits that were looked at. */
export interface ClassWeights {
  readonly goals: number;
  readonly others: number;
}

/** What a column of numbers looks like, batch by batch. */
export class NumberAccumulator {
  readonly kind = 'number';
  private readonly buckets = new ValueBuckets();
  private readonly likeness = new NumberLikeness();
  private known = { goals: 0, others: 0 };
  private zeros = 0;
  private min = Infinity;
  private max = -Infinity;
  /** The first known value: sums of values less it keep their digits where the mean is far from 0. */
  private shift: number | undefined;
  private sum = 0;
  private squares = 0;
  private goalSum = 0;
  /** The same without weights, for the likeness. */
  private rows = 0;
  private plainSum = 0;
  private plainSquares = 0;

  constructor(readonly name: string) {}

  /** @param firstRow number of the first chosen row among all of the dataset's */
  add({ values }: NumberColumn, { rows, labels, weights }: ChosenRows, firstRow: number): void {
    for (let at = 0; at < rows.length; at++) {
      const value = values[rows[at] ?? 0] ?? NaN;
      if (!Number.isFinite(value)) continue;
      const weight = weights[at] ?? 0;
      const isGoal = labels[at] === 1;
      this.shift ??= value;
      const moved = value - this.shift;
      this.buckets.add(value, weight, isGoal);
      this.likeness.add(firstRow + at, moved);
      this.known[isGoal ? 'goals' : 'others'] += weight;
      if (value === 0) this.zeros += weight;
      if (value < this.min) this.min = value;
      if (value > this.max) this.max = value;
      this.sum += weight * moved;
      this.squares += weight * moved * moved;
      if (isGoal) this.goalSum += weight * moved;
      this.rows++;
      this.plainSum += moved;
      this.plainSquares += moved * moved;
    }
  }

  /** Distinct values, as far as buckets tell them apart. */
  distribution(): Bucket[] {
    return [...this.buckets.ascending()];
  }

  statistics(all: ClassWeights): Omit<NumberStatistics, 'bins'> {
    const { goals, others } = this.known;
    const weight = goals + others;
    const buckets = this.distribution();
    const mean = ratio(this.sum, weight);
    const variance = Math.max(0, ratio(this.squares, weight) - mean * mean);
    const goalShare = ratio(goals, weight);
    const covariance = ratio(this.goalSum, weight) - mean * goalShare;
    const spread = Math.sqrt(variance * goalShare * (1 - goalShare));
    const auc = rocAuc(rankingOf(buckets));
    const sizes = sizesOf(buckets);
    return {
      kind: 'number',
      name: this.name,
      missing: share(1 - ratio(weight, all.goals + all.others)),
      knownOfGoals: share(ratio(goals, all.goals)),
      knownOfOthers: share(ratio(others, all.others)),
      auc: goals > 0 && others > 0 ? rounded(Math.max(auc, 1 - auc)) : 0.5,
      zeros: share(ratio(this.zeros, all.goals + all.others)),
      min: weight > 0 ? this.min + 0 : 0,
      max: weight > 0 ? this.max + 0 : 0,
      mean: rounded((this.shift ?? 0) + mean),
      deviation: rounded(Math.sqrt(variance)),
      quantiles: bucketQuantiles(buckets, QUANTILE_SHARES),
      medianSize: bucketQuantiles(sizes, [0.5])[0] ?? 0,
      correlation: spread > 0 ? rounded(Math.max(-1, Math.min(1, covariance / spread))) : 0,
    };
  }

  like(): { name: string; direction?: Float64Array } {
    const mean = ratio(this.plainSum, this.rows);
    return {
      name: this.name,
      direction: this.likeness.direction(mean, this.plainSquares - this.rows * mean * mean),
    };
  }
}

/** Values that are not 0, by size. */
function sizesOf(buckets: readonly Bucket[]): Bucket[] {
  return buckets
    .filter(({ value }) => value !== 0)
    .map((one) => ({ ...one, value: Math.abs(one.value) }))
    .sort((a, b) => a.value - b.value);
}

const HALVES = 2;

/** What a column of categories looks like, batch by batch. Memory: 36 bytes a level. */
export class CategoryAccumulator {
  readonly kind = 'category';
  private readonly likeness = new CategoryLikeness();
  private levels: readonly string[] = [];
  private counts = new Uint32Array(0);
  /** [level, half of the visitors] weights. */
  private goals = new Float64Array(0);
  private others = new Float64Array(0);

  constructor(readonly name: string) {}

  add(column: CategoryColumn, { rows, labels, weights, visitors }: ChosenRows): void {
    this.grow(column.levels);
    for (let at = 0; at < rows.length; at++) {
      const code = column.codes[rows[at] ?? 0] ?? -1;
      this.likeness.add(code);
      if (code < 0) continue;
      this.counts[code] = (this.counts[code] ?? 0) + 1;
      const cell = code * HALVES + ((visitors[at] ?? 0) & 1);
      const side = labels[at] === 1 ? this.goals : this.others;
      side[cell] = (side[cell] ?? 0) + (weights[at] ?? 0);
    }
  }

  private grow(levels: readonly string[]): void {
    if (levels.length <= this.levels.length) return;
    this.levels = levels;
    const counts = new Uint32Array(levels.length);
    counts.set(this.counts);
    const [goals, others] = [this.goals, this.others].map((before) => {
      const after = new Float64Array(levels.length * HALVES);
      after.set(before);
      return after;
    });
    this.counts = counts;
    this.goals = goals ?? this.goals;
    this.others = others ?? this.others;
  }

  /** Levels that occur, most frequent by weight first, ties by bytes. */
  distribution(): { level: string; rows: number; goals: number; others: number }[] {
    const both = (side: Float64Array, code: number): number =>
      (side[code * HALVES] ?? 0) + (side[code * HALVES + 1] ?? 0);
    return this.levels
      .map((level, code) => ({
        level,
        rows: this.counts[code] ?? 0,
        goals: both(this.goals, code),
        others: both(this.others, code),
      }))
      .filter(({ rows }) => rows > 0)
      .sort((a, b) => b.goals + b.others - a.goals - a.others || compareBytes(a.level, b.level));
  }

  statistics(all: ClassWeights): Omit<CategoryStatistics, 'bins'> {
    const levels = this.distribution();
    const total = all.goals + all.others;
    const goals = levels.reduce((sum, one) => sum + one.goals, 0);
    const others = levels.reduce((sum, one) => sum + one.others, 0);
    const rest = levels.slice(MOST_LEVELS);
    return {
      kind: 'category',
      name: this.name,
      missing: share(1 - ratio(goals + others, total)),
      knownOfGoals: share(ratio(goals, all.goals)),
      knownOfOthers: share(ratio(others, all.others)),
      auc: goals > 0 && others > 0 ? rounded(this.auc(ratio(goals, goals + others))) : 0.5,
      levels: levels.slice(0, MOST_LEVELS).map((one) => ({
        level: one.level,
        rows: one.rows,
        share: share(ratio(one.goals + one.others, total)),
      })),
      rest: {
        levels: rest.length,
        rows: rest.reduce((sum, one) => sum + one.rows, 0),
        share: share(
          ratio(
            rest.reduce((sum, one) => sum + one.goals + one.others, 0),
            total,
          ),
        ),
      },
    };
  }

  /**
   * Levels ranked by the goal rate that they have on one half of the visitors, measured on the other, both ways.
   * Ranked by their own rows, levels that are nearly all different would tell the label by heart.
   */
  private auc(goalRate: number): number {
    const codes = this.levels.length;
    const areas = [0, 1].map((learn) => {
      const scores = new Float64Array(codes * 2);
      const labels = new Uint8Array(codes * 2);
      const weights = new Float64Array(codes * 2);
      for (let code = 0; code < codes; code++) {
        const [from, to] = [code * HALVES + learn, code * HALVES + 1 - learn];
        const [goals, others] = [this.goals[from] ?? 0, this.others[from] ?? 0];
        const rate = goals + others > 0 ? goals / (goals + others) : goalRate;
        scores.fill(rate, code * 2, code * 2 + 2);
        labels[code * 2] = 1;
        weights[code * 2] = this.goals[to] ?? 0;
        weights[code * 2 + 1] = this.others[to] ?? 0;
      }
      const ranking = rankScores(scores, labels, weights);
      return ranking.totalPositive > 0 && ranking.totalNegative > 0 ? rocAuc(ranking) : 0.5;
    });
    return Math.max(0.5, ((areas[0] ?? 0.5) + (areas[1] ?? 0.5)) / 2);
  }

  like(): { name: string; key?: string } {
    return { name: this.name, key: this.likeness.key };
  }
}

export type ColumnAccumulator = NumberAccumulator | CategoryAccumulator;

function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}

function share(value: number): number {
  return rounded(Math.max(0, Math.min(1, value)));
}
