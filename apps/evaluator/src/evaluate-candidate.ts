import type { ArtefactRef, Candidate, DrawnCounts, WindowMessage } from '@factory/contracts';
import {
  priorShift,
  rowsOf,
  type Combination,
  type Dataset,
  type ModelKey,
  type Policy,
} from '@factory/domain';
import { bestF1Threshold, evaluateScores, rankScores, type Metrics } from '@factory/metrics';
import { decodeWeights, REPORT_SCHEMA_VERSION, withPriorShift, type Report } from '@factory/model';
import { parseTransform } from '@factory/normalisation';
import { decodeDataset, getVerified, type ObjectStore, type Scores } from '@factory/object-store';
import type { Champion } from '@factory/sql';
import { loadChampion, type LoadedChampion } from './champion-scorer';
import { judgingRows, type JudgingRows } from './judging-rows';
import { scoreRows, type ScoredRows } from './score-parts';
import { reachVerdict } from './verdict';

/** What a run's earlier stages left for its evaluation. */
export interface EvaluationInput extends ModelKey {
  readonly run: string;
  readonly window: WindowMessage;
  readonly dataset: ArtefactRef;
  readonly transform: ArtefactRef;
  readonly counts: DrawnCounts;
  readonly candidate: Candidate;
  readonly combination: Combination;
  readonly policy: Pick<Policy, 'minOutOfTimeGoals'>;
  /** The version in force now; undefined = none. */
  readonly champion: Champion | undefined;
}

export interface Evaluation {
  readonly report: Report;
  readonly scores: Scores;
}

/** Evaluates a run's candidate, compares it with the champion and reaches the verdict (RULES R6, R7, R8). */
export class EvaluateCandidate {
  constructor(
    private readonly store: ObjectStore,
    private readonly now: () => Date,
  ) {}

  /** @throws IntegrityError when an artefact is not what its stage wrote; ServerAwayError */
  async execute(input: EvaluationInput, signal: AbortSignal): Promise<Evaluation> {
    const dataset = decodeDataset(await getVerified(this.store, input.dataset));
    const transform = parseTransform(
      JSON.parse((await getVerified(this.store, input.transform)).toString('utf8')),
    );
    const weights = decodeWeights(await getVerified(this.store, input.candidate.weights));
    const shift = priorShift(input.counts.f1, input.counts.f0);
    const all = Uint32Array.from({ length: dataset.rows }, (_, row) => row);
    const scored = await scoreRows(withPriorShift(weights, shift), transform, dataset.features, all, signal);

    const loaded = input.champion && (await loadChampion(this.store, input, input.champion));
    const champion = loaded && 'version' in loaded ? loaded : undefined;
    const judging = judgingRows(dataset, input.policy.minOutOfTimeGoals, champion?.window);
    const championScores = await championOn(champion, dataset, judging, signal);
    const threshold = thresholdOf(dataset, scored);
    const metricsOf = (rows: Uint32Array, of = scored.probabilities): Metrics | null =>
      rows.length === 0 ? null : metricsOn(dataset, of, rows, threshold);
    const judged = metricsOn(dataset, scored.probabilities, judging.rows, threshold);
    const championMetrics = championScores && metricsOn(dataset, championScores, judging.rows, threshold);

    const verdict = reachVerdict({
      challengerLogLoss: judged.logLoss,
      championLogLoss: championMetrics?.logLoss ?? null,
      judgingGoals: judging.goals,
    });
    const { run, source, product, goal, window, candidate, combination } = input;
    const report: Report = {
      schemaVersion: REPORT_SCHEMA_VERSION,
      run,
      source,
      product,
      goal,
      createdAt: this.now().toISOString(),
      window,
      judging: {
        part: judging.part,
        rows: judging.rows.length,
        goals: judging.goals,
        leftOut: judging.leftOut,
        reason: judging.reason,
      },
      baseRate: judged.baseRate,
      candidate: {
        trial: candidate.trial,
        combination: { ...combination },
        parameters: candidate.parameters,
        priorShift: shift,
      },
      metrics: {
        train: metricsOf(rowsOf(dataset, 'train')),
        test: metricsOf(rowsOf(dataset, 'test')),
        outOfTime: metricsOf(rowsOf(dataset, 'out-of-time')),
        judging: judged,
      },
      champion: champion && championMetrics ? { version: champion.version, metrics: championMetrics } : null,
      verdict,
      warnings: loaded && 'unreadable' in loaded ? [loaded.unreadable] : [],
    };
    return { report, scores: scoresOf(dataset, scored, judging, championScores) };
  }
}

/** The F1-best threshold on the validation rows; without such rows on the train rows. */
function thresholdOf(dataset: Dataset, { probabilities }: ScoredRows): number {
  const validation = rowsOf(dataset, 'validation');
  const rows = validation.length > 0 ? validation : rowsOf(dataset, 'train');
  const { scores, labels, weights } = subset(dataset, probabilities, rows);
  return bestF1Threshold(rankScores(scores, labels, weights));
}

function metricsOn(dataset: Dataset, of: Float64Array, rows: Uint32Array, threshold: number): Metrics {
  const { scores, labels, weights } = subset(dataset, of, rows);
  return evaluateScores(scores, labels, weights, threshold);
}

function subset(
  dataset: Dataset,
  of: Float64Array,
  rows: Uint32Array,
): { scores: Float64Array; labels: Uint8Array; weights: Float64Array } {
  return {
    scores: Float64Array.from(rows, (row) => of[row] ?? NaN),
    labels: Uint8Array.from(rows, (row) => dataset.labels[row] ?? 0),
    weights: Float64Array.from(rows, (row) => dataset.weights[row] ?? 0),
  };
}

/** [dataset rows], NaN outside the judging rows; undefined without a champion. */
async function championOn(
  champion: LoadedChampion | undefined,
  dataset: Dataset,
  judging: JudgingRows,
  signal: AbortSignal,
): Promise<Float64Array | undefined> {
  if (!champion) return undefined;
  const scores = await champion.score(dataset.features, judging.rows, signal);
  const spread = new Float64Array(dataset.rows).fill(NaN);
  judging.rows.forEach((row, at) => (spread[row] = scores[at] ?? NaN));
  return spread;
}

function scoresOf(
  dataset: Dataset,
  { logits, probabilities }: ScoredRows,
  judging: JudgingRows,
  championScores: Float64Array | undefined,
): Scores {
  const isJudging = new Uint8Array(dataset.rows);
  for (const row of judging.rows) isJudging[row] = 1;
  return {
    rows: dataset.rows,
    visitIds: dataset.visitIds,
    visitorIds: dataset.visitorIds,
    marks: dataset.marks,
    judging: isJudging,
    labels: dataset.labels,
    weights: dataset.weights,
    logits,
    probabilities,
    championProbabilities: championScores ?? new Float64Array(dataset.rows).fill(NaN),
  };
}
