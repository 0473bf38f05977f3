import { type Ranking, ratio } from './ranking';

/**
 * Area under the ROC curve: the chance that a goal scores above another visit, half for ties.
 * Equals scikit-learn's `roc_auc_score` with sample weights. 0 without goals or without other visits.
 */
export function rocAuc(ranking: Ranking): number {
  let area = 0;
  let above = 0;
  ranking.scores.forEach((_, block) => {
    const positive = ranking.positives[block] ?? 0;
    area += (ranking.negatives[block] ?? 0) * (above + positive / 2);
    above += positive;
  });
  return ratio(area, ranking.totalPositive * ranking.totalNegative);
}

/**
 * Average precision: the sum over distinct scores of (recall gained) x precision, without interpolation.
 * Equals scikit-learn's `average_precision_score` with sample weights.
 */
export function prAuc(ranking: Ranking): number {
  let sum = 0;
  let positives = 0;
  let all = 0;
  ranking.scores.forEach((_, block) => {
    const positive = ranking.positives[block] ?? 0;
    positives += positive;
    all += positive + (ranking.negatives[block] ?? 0);
    sum += positive * ratio(positives, all);
  });
  return ratio(sum, ranking.totalPositive);
}

/**
 * Share of all goals among the visits of highest score.
 *
 * @param share fraction of the total weight to consider, (0, 1]; a block of equal scores at the cut counts pro
 * rata
 */
export function gainAt(ranking: Ranking, share: number): number {
  let left = share * (ranking.totalPositive + ranking.totalNegative);
  let caught = 0;
  for (let block = 0; block < ranking.scores.length && left > 0; block++) {
    const positive = ranking.positives[block] ?? 0;
    const size = positive + (ranking.negatives[block] ?? 0);
    caught += positive * Math.min(1, ratio(left, size));
    left -= size;
  }
  return ratio(caught, ranking.totalPositive);
}

/**
 * How many times more goals are among the visits of highest score than among visits drawn at random: gain /
 * share.
 */
export function liftAt(ranking: Ranking, share: number): number {
  return ratio(gainAt(ranking, share), share);
}
