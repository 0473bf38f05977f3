import { type Ranking, ratio } from './ranking';

/** Weights of the four cases when scores of at least the threshold count as "goal". */
export interface Confusion {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly trueNegative: number;
  readonly falseNegative: number;
}

export interface ThresholdMetrics {
  /** Scores of at least this count as "goal": the threshold of the best F1 on the validation rows. */
  readonly threshold: number;
  /** Weight of the visits in each of the four cases. */
  readonly confusion: Confusion;
  /** Share of visits on the right side of the threshold. */
  readonly accuracy: number;
  /** Share of goals among the visits above the threshold. */
  readonly precision: number;
  /** Share of all goals that is above the threshold. */
  readonly recall: number;
  /** Harmonic mean of precision and recall. */
  readonly f1: number;
  /** Recall counts twice as much as precision. */
  readonly f2: number;
}

/** What deciding by `score >= threshold` gets right and wrong; 0/0 = 0. */
export function metricsAtThreshold(ranking: Ranking, threshold: number): ThresholdMetrics {
  let truePositive = 0;
  let falsePositive = 0;
  for (let block = 0; (ranking.scores[block] ?? -Infinity) >= threshold; block++) {
    truePositive += ranking.positives[block] ?? 0;
    falsePositive += ranking.negatives[block] ?? 0;
  }
  const trueNegative = ranking.totalNegative - falsePositive;
  const falseNegative = ranking.totalPositive - truePositive;
  return {
    threshold,
    confusion: { truePositive, falsePositive, trueNegative, falseNegative },
    accuracy: ratio(truePositive + trueNegative, ranking.totalPositive + ranking.totalNegative),
    precision: ratio(truePositive, truePositive + falsePositive),
    recall: ratio(truePositive, ranking.totalPositive),
    f1: fBeta(1, truePositive, falsePositive, falseNegative),
    f2: fBeta(2, truePositive, falsePositive, falseNegative),
  };
}

/** The score which, as a threshold, has the highest F1; of several the highest score. 1 if there are no rows. */
export function bestF1Threshold(ranking: Ranking): number {
  let best = -1;
  let threshold = 1;
  let truePositive = 0;
  let falsePositive = 0;
  ranking.scores.forEach((score, block) => {
    truePositive += ranking.positives[block] ?? 0;
    falsePositive += ranking.negatives[block] ?? 0;
    const f1 = fBeta(1, truePositive, falsePositive, ranking.totalPositive - truePositive);
    if (f1 > best) {
      best = f1;
      threshold = score;
    }
  });
  return threshold;
}

/** Source: van Rijsbergen 1979, "Information Retrieval", chapter 7. */
function fBeta(beta: number, truePositive: number, falsePositive: number, falseNegative: number): number {
  const squared = beta * beta;
  const hits = (1 + squared) * truePositive;
  return ratio(hits, hits + squared * falseNegative + falsePositive);
}
