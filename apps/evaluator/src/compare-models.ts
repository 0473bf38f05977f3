import { hash52 } from '@factory/domain';
import {
  bootstrapScores,
  contactProfits,
  evaluateScores,
  logLosses,
  pairedBootstrap,
  reliabilityBins,
  rowLogLoss,
  weightedMean,
  type BootstrapInterval,
  type ContactTerms,
  type Metrics,
  type ReliabilityBin,
  type ScoreIntervals,
} from '@factory/metrics';
import type { JudgedRows } from './judged-rows';
import type { Other } from './score-visits';

/** Another model on the judging rows. */
export type OtherFigures = Readonly<{
  metrics: Metrics;
  /** Log-loss of the candidate minus its own. */
  difference: BootstrapInterval;
}>;

/** All figures of the judging rows (rules R7). */
export interface JudgingFigures {
  readonly metrics: Metrics & {
    readonly reliability: readonly ReliabilityBin[];
    readonly intervals: Readonly<Record<keyof ScoreIntervals, BootstrapInterval>>;
  };
  /** Of always saying the share of goals of these rows. */
  readonly baseRate: { readonly logLoss: number; readonly difference: BootstrapInterval };
  readonly others: Partial<Record<Other, OtherFigures>>;
  /** Profit a visit, candidate minus champion. */
  readonly profit?: BootstrapInterval;
}

export interface Comparison {
  readonly run: string;
  /** What a goal brings and a contact costs; undefined: profits are not compared. */
  readonly terms: ContactTerms | undefined;
  readonly threshold: number;
  /** [rows] of the candidate, all finite. */
  readonly probabilities: Float64Array;
  /** [rows] each, all finite. */
  readonly others: Partial<Record<Other, Float64Array>>;
  /** [rows] number of each row's visitor. */
  readonly groups: Uint32Array;
}

/** Measures a candidate and what it is compared with, all on the same rows and the same draws of visitors. */
export function compareModels({ labels, weights }: JudgedRows, comparison: Comparison): JudgingFigures {
  const { run, terms, threshold, probabilities, others, groups } = comparison;
  const rate = weightedMean(labels, weights);
  const [lossOfOther, lossOfGoal] = [rowLogLoss(rate, 0), rowLogLoss(rate, 1)];
  const baseLosses = Float64Array.from(labels, (label) => (label === 1 ? lossOfGoal : lossOfOther));
  const named = Object.entries(others) as [Other, Float64Array][];
  const { differences, ...intervals } = bootstrapScores<Other | 'baseRate'>(
    { scores: probabilities, labels, weights, groups },
    {
      seed: seedOf(run),
      others: {
        ...Object.fromEntries(named.map(([name, of]) => [name, logLosses(of, labels)])),
        baseRate: baseLosses,
      } as Record<Other | 'baseRate', Float64Array>,
    },
  );
  const profitsOf = (scores: Float64Array, by: ContactTerms) => contactProfits(scores, labels, weights, by);
  return {
    ...(terms && others.champion
      ? {
          profit: pairedBootstrap({
            ...{ weights, groups, seed: seedOf(run) },
            lossA: profitsOf(probabilities, terms),
            lossB: profitsOf(others.champion, terms),
          }),
        }
      : {}),
    metrics: {
      ...evaluateScores(probabilities, labels, weights, threshold),
      reliability: reliabilityBins(probabilities, labels, weights),
      intervals,
    },
    baseRate: { logLoss: weightedMean(baseLosses, weights), difference: differences.baseRate },
    others: Object.fromEntries(
      named.map(([name, of]) => [
        name,
        { metrics: evaluateScores(of, labels, weights, threshold), difference: differences[name] },
      ]),
    ),
  };
}

/** The same run draws the same visitors whenever it is judged again. */
function seedOf(run: string): number {
  return hash52('bootstrap', run) % 2 ** 32;
}
