import type { ArtefactRef, Candidate, DrawnCounts, WindowMessage } from '@factory/contracts';
import { scoresChunks } from '@factory/dataset';
import { priorShift, rowsOf, sigmoid, type Mark, type ModelKey, type Trial } from '@factory/domain';
import { bestF1Threshold, evaluateScores, rankScores, weightedMean, type Metrics } from '@factory/metrics';
import { decodeModel, REPORT_SCHEMA_VERSION, type FeatureMoment, type Report } from '@factory/model';
import { parseTransform, type Transform } from '@factory/normalisation';
import { type ByteSource } from '@factory/object-store';
import { loadKernel } from '@factory/training-kernel';
import { judgingRows } from './judging-rows';
import { scoreVisits, type ScoredVisits } from './score-visits';
import { reachVerdict } from './verdict';

/** The version in force, loaded and tested. */
export interface LoadedChampion {
  readonly version: string;
  readonly window: { readonly start: string; readonly trainEnd: string };
  readonly family: string;
  /** `Predictor.encode`, with the prior shift: as bytes it can be sent to a thread. */
  readonly model: Uint8Array;
  readonly transform: Transform;
  readonly featureMoment?: FeatureMoment | undefined;
}

/** The input of a judgement except the dataset's bytes; small files as verified bytes. */
export interface JudgementInput extends ModelKey {
  readonly run: string;
  readonly window: WindowMessage;
  readonly counts: DrawnCounts;
  readonly candidate: Candidate;
  /** The candidate's, with its settings. */
  readonly trial: Trial;
  readonly minOutOfTimeGoals: number;
  readonly dataset: ArtefactRef;
  readonly transform: Uint8Array;
  readonly weights: Uint8Array;
  readonly champion: LoadedChampion | null;
  /** When the features were known; undefined for a sample of a version that did not say. */
  readonly featureMoment?: FeatureMoment | undefined;
  readonly warnings: readonly string[];
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

/**
 * Evaluates a candidate, compares it with the champion and reaches the verdict (rules R6, R7, R8). Pure except for
 * the streams. Holds the visits without their features in memory, and one batch of features at a time.
 *
 * A candidate with a logit that is not finite is rejected and has no metrics; a champion with one on the judging rows
 * counts as no champion, with a warning.
 *
 * @param datasetBytes of dataset.arrow
 * @param writeScores receives scores.arrow in chunks, each valid until the next
 * @throws IntegrityError if the bytes are not what sampling wrote
 */
export function judgeCandidate(
  input: JudgementInput,
  datasetBytes: ByteSource,
  writeScores: (chunk: Uint8Array) => void,
): Report {
  const { champion } = input;
  const transform = parseTransform(JSON.parse(Buffer.from(input.transform).toString('utf8')));
  const shift = priorShift(input.counts.f1, input.counts.f0);
  const model = decodeModel(input.trial.family, input.weights).shifted(shift);
  const { build: kernel } = loadKernel();
  const visits = scoreVisits(input.dataset, datasetBytes, {
    candidate: { model, transform },
    champion: champion && { ...champion, model: decodeModel(champion.family, champion.model) },
    kernel,
  });
  const { logits } = visits;
  const probabilities = logits.map(sigmoid);

  const judging = judgingRows(visits, input.minOutOfTimeGoals, champion ? instants(champion) : undefined);
  const { part, rows, goals, leftOut } = judging;
  const reason = input.window.noTime ? 'no time: there is no out-of-time part' : judging.reason;
  const championScores = championProbabilities(visits, rows);
  const usable = championScores !== null && rows.every((row) => Number.isFinite(championScores[row]));
  const threshold = logits.every(Number.isFinite) ? thresholdOf(visits, probabilities) : null;
  const metricsOf = (scores: Float64Array, on: Uint32Array): Metrics | null =>
    threshold === null ? null : metricsOn(visits, scores, on, threshold);
  const partOf = (mark: Mark): Metrics | null => {
    const on = rowsOf(visits, mark);
    return on.length === 0 ? null : metricsOf(probabilities, on);
  };
  const [test, outOfTime] = [partOf('test'), partOf('out-of-time')];
  const ofPart = part === 'test' ? test : outOfTime;
  // A part without rows left out was measured already.
  const judged = ofPart?.rows === rows.length ? ofPart : metricsOf(probabilities, rows);
  const championMetrics = usable ? metricsOf(championScores, rows) : null;
  const warnings = [...input.warnings];
  if (champion && !usable) warnings.push(`champion ${champion.version} gives scores that are not numbers`);
  const scores = scoresChunks({
    rows: visits.rows,
    visitIds: visits.visitIds,
    visitorIds: visits.visitorIds,
    marks: visits.marks,
    judging: membership(visits.rows, rows),
    labels: visits.labels,
    weights: visits.weights,
    logits,
    probabilities,
    championProbabilities: championScores ?? new Float64Array(visits.rows).fill(NaN),
  });
  for (const chunk of scores) writeScores(chunk);
  const { run, source, product, goal, window, candidate, trial } = input;
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    run,
    source,
    product,
    goal,
    createdAt: input.createdAt,
    window,
    ...(input.featureMoment ? { featureMoment: input.featureMoment } : {}),
    judging: { part, rows: rows.length, goals, leftOut, reason },
    baseRate: baseRateOf(visits, rows),
    candidate: {
      trial: candidate.trial,
      family: trial.family,
      combination: { trial: trial.trial, ...trial.settings },
      parameters: candidate.parameters,
      priorShift: shift,
    },
    metrics: {
      train: partOf('train'),
      test: test,
      outOfTime: outOfTime,
      judging: judged,
    },
    champion: champion && championMetrics ? { version: champion.version, metrics: championMetrics } : null,
    verdict: reachVerdict({
      challengerLogLoss: judged?.logLoss ?? null,
      championLogLoss: championMetrics?.logLoss ?? null,
      judgingGoals: goals,
    }),
    warnings,
  };
}

/** [rows] natural probabilities; NaN outside the judging rows. Null without a champion. */
function championProbabilities({ championLogits }: ScoredVisits, judging: Uint32Array): Float64Array | null {
  if (!championLogits) return null;
  const spread = new Float64Array(championLogits.length).fill(NaN);
  for (const row of judging) spread[row] = sigmoid(championLogits[row] ?? NaN);
  return spread;
}

/** The F1-best threshold on the validation rows; without such rows on the train rows. */
function thresholdOf(visits: ScoredVisits, probabilities: Float64Array): number {
  const validation = rowsOf(visits, 'validation');
  const rows = validation.length > 0 ? validation : rowsOf(visits, 'train');
  const { scores, labels, weights } = subset(visits, probabilities, rows);
  return bestF1Threshold(rankScores(scores, labels, weights));
}

/** Weighted share of goals. */
function baseRateOf(visits: ScoredVisits, rows: Uint32Array): number {
  return weightedMean(
    Uint8Array.from(rows, (row) => visits.labels[row] ?? 0),
    Float64Array.from(rows, (row) => visits.weights[row] ?? 0),
  );
}

function metricsOn(visits: ScoredVisits, of: Float64Array, rows: Uint32Array, threshold: number): Metrics {
  const { scores, labels, weights } = subset(visits, of, rows);
  return evaluateScores(scores, labels, weights, threshold);
}

function subset(visits: ScoredVisits, of: Float64Array, rows: Uint32Array) {
  return {
    scores: Float64Array.from(rows, (row) => of[row] ?? NaN),
    labels: Uint8Array.from(rows, (row) => visits.labels[row] ?? 0),
    weights: Float64Array.from(rows, (row) => visits.weights[row] ?? 0),
  };
}

function membership(rows: number, members: Uint32Array): Uint8Array {
  const flags = new Uint8Array(rows);
  for (const row of members) flags[row] = 1;
  return flags;
}

function instants({ window }: LoadedChampion) {
  return { startMs: Date.parse(window.start), trainEndMs: Date.parse(window.trainEnd) };
}
