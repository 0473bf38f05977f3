import { rowsOf, type Mark } from '@factory/domain';
import { bestF1Threshold, evaluateScores, rankScores, weightedMean, type Metrics } from '@factory/metrics';
import { compareModels, type Comparison, type JudgingFigures } from './compare-models';
import { finiteProbabilitiesOf, judgedRowsOf, probabilitiesOf } from './judged-rows';
import { outOfTimeRows, type JudgingRows } from './judging-rows';
import type { Other, ScoredVisits } from './score-visits';

/** Figures of a candidate by part, and beside others on the judging rows. */
export interface MeasuredCandidate {
  /** Null of parts without rows, and of a candidate with a score that is not finite. */
  readonly parts: Record<'train' | 'test' | 'outOfTime', Metrics | null>;
  /** Null if a score of the candidate is not finite. */
  readonly figures: JudgingFigures | null;
  /** [judging rows] */
  readonly probabilities: Float64Array;
  /** Weighted share of goals of the judging rows. */
  readonly baseRate: number;
  /** Models with a score on the judging rows that is not finite: as if they were not there. */
  readonly unusable: readonly Other[];
}

/**
 * Measures a candidate (rules R7).
 *
 * @param of `run` seeds the draws of visitors; `terms`, where the rules say what a goal is worth; `trainFromMs`, from where
 *   on train and validation rows are those of the candidate, undefined: all of them
 */
export function measureCandidate(
  visits: ScoredVisits,
  { rows, half }: JudgingRows,
  {
    run,
    terms,
    trainFromMs,
  }: Pick<Comparison, 'run' | 'terms'> & { readonly trainFromMs?: number | undefined },
): MeasuredCandidate {
  const judged = judgedRowsOf(visits, rows);
  const probabilities = probabilitiesOf(visits.logits, rows);
  const names = Object.keys(visits.others) as Other[];
  const others: Partial<Record<Other, Float64Array>> = {};
  for (const name of names) {
    const finite = finiteProbabilitiesOf(visits.others[name], rows);
    if (finite) others[name] = finite;
  }
  const ownRows = (mark: Mark): Uint32Array => {
    if (mark === 'out-of-time') return outOfTimeRows(visits, half);
    const rows = rowsOf(visits, mark);
    if (trainFromMs === undefined || (mark !== 'train' && mark !== 'validation')) return rows;
    return rows.filter((row) => (visits.visitTimes[row] ?? NaN) >= trainFromMs);
  };
  const threshold = visits.logits.every(Number.isFinite) ? thresholdOf(visits, ownRows) : null;
  const partOf = (mark: Mark): Metrics | null => {
    const on = ownRows(mark);
    if (threshold === null || on.length === 0) return null;
    const { labels, weights } = judgedRowsOf(visits, on);
    return evaluateScores(probabilitiesOf(visits.logits, on), labels, weights, threshold);
  };
  return {
    parts: {
      train: partOf('train'),
      test: partOf('test'),
      outOfTime: partOf('out-of-time'),
    },
    figures:
      threshold === null
        ? null
        : compareModels(judged, {
            ...{ run, terms, threshold, probabilities, others },
            groups: visits.visitorIds.groupNumbers(rows),
          }),
    probabilities,
    baseRate: weightedMean(judged.labels, judged.weights),
    unusable: names.filter((name) => !others[name]),
  };
}

/** The F1-best threshold on the validation rows; without such rows on the train rows. */
function thresholdOf(visits: ScoredVisits, rowsOfMark: (mark: Mark) => Uint32Array): number {
  const validation = rowsOfMark('validation');
  const rows = validation.length > 0 ? validation : rowsOfMark('train');
  const { labels, weights } = judgedRowsOf(visits, rows);
  return bestF1Threshold(rankScores(probabilitiesOf(visits.logits, rows), labels, weights));
}
