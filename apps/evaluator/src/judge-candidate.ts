import type { Candidate, DrawnCounts, WindowMessage } from '@factory/contracts';
import {
  priorShift,
  rowsOf,
  sigmoid,
  type Combination,
  type Dataset,
  type Mark,
  type ModelKey,
} from '@factory/domain';
import { bestF1Threshold, evaluateScores, rankScores, weightedMean, type Metrics } from '@factory/metrics';
import {
  decodeWeights,
  forwardLogits,
  REPORT_SCHEMA_VERSION,
  withPriorShift,
  type NetworkWeights,
  type Report,
} from '@factory/model';
import { applyTransform, parseTransform, type Transform } from '@factory/normalisation';
import { decodeDataset, encodeScores } from '@factory/object-store';
import { judgingRows } from './judging-rows';
import { reachVerdict } from './verdict';

/** The version in force, loaded and tested. */
export interface LoadedChampion {
  readonly version: string;
  readonly window: { readonly start: string; readonly trainEnd: string };
  readonly network: NetworkWeights;
  readonly transform: Transform;
}

/** All that a judgement rests on; files as their verified bytes. */
export interface JudgementInput extends ModelKey {
  readonly run: string;
  readonly window: WindowMessage;
  readonly counts: DrawnCounts;
  readonly candidate: Candidate;
  readonly combination: Combination;
  readonly minOutOfTimeGoals: number;
  readonly dataset: Uint8Array;
  readonly transform: Uint8Array;
  readonly weights: Uint8Array;
  readonly champion: LoadedChampion | null;
  readonly warnings: readonly string[];
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export interface Judgement {
  readonly report: Report;
  /** scores.arrow */
  readonly scores: Uint8Array;
}

const SLICE_ROWS = 4096;

/**
 * Evaluates a candidate, compares it with the champion and reaches the verdict (RULES R6, R7, R8). Pure.
 *
 * A candidate that gives a row no finite logit is rejected and has no metrics; a champion that does so on the judging
 * rows counts as none, with a warning.
 */
export function judgeCandidate(input: JudgementInput): Judgement {
  const dataset = decodeDataset(input.dataset);
  const transform = parseTransform(JSON.parse(Buffer.from(input.transform).toString('utf8')));
  const shift = priorShift(input.counts.f1, input.counts.f0);
  const network = withPriorShift(decodeWeights(input.weights), shift);
  const all = Uint32Array.from({ length: dataset.rows }, (_, row) => row);
  const logits = logitsOf(network, transform, dataset, all);
  const probabilities = logits.map(sigmoid);

  const { champion } = input;
  const judging = judgingRows(dataset, input.minOutOfTimeGoals, champion ? instants(champion) : undefined);
  const { part, rows, goals, leftOut, reason } = judging;
  const championScores = champion && scoreChampion(champion, dataset, rows);
  const usable = championScores !== null && rows.every((row) => Number.isFinite(championScores[row]));
  const threshold = logits.every(Number.isFinite) ? thresholdOf(dataset, probabilities) : null;
  const metricsOf = (scores: Float64Array, on: Uint32Array): Metrics | null =>
    threshold === null ? null : metricsOn(dataset, scores, on, threshold);
  const partOf = (mark: Mark): Metrics | null => {
    const on = rowsOf(dataset, mark);
    return on.length === 0 ? null : metricsOf(probabilities, on);
  };
  const judged = metricsOf(probabilities, rows);
  const championMetrics = usable ? metricsOf(championScores, rows) : null;
  const warnings = [...input.warnings];
  if (champion && !usable) warnings.push(`champion ${champion.version} gives scores that are not numbers`);
  const { run, source, product, goal, window, candidate } = input;
  return {
    report: {
      schemaVersion: REPORT_SCHEMA_VERSION,
      run,
      source,
      product,
      goal,
      createdAt: input.createdAt,
      window,
      judging: { part, rows: rows.length, goals, leftOut, reason },
      baseRate: baseRateOf(dataset, rows),
      candidate: {
        trial: candidate.trial,
        combination: { ...input.combination },
        parameters: candidate.parameters,
        priorShift: shift,
      },
      metrics: {
        train: partOf('train'),
        test: partOf('test'),
        outOfTime: partOf('out-of-time'),
        judging: judged,
      },
      champion: champion && championMetrics ? { version: champion.version, metrics: championMetrics } : null,
      verdict: reachVerdict({
        challengerLogLoss: judged?.logLoss ?? null,
        championLogLoss: championMetrics?.logLoss ?? null,
        judgingGoals: goals,
      }),
      warnings,
    },
    scores: encodeScores({
      rows: dataset.rows,
      visitIds: dataset.visitIds,
      visitorIds: dataset.visitorIds,
      marks: dataset.marks,
      judging: membership(dataset.rows, rows),
      labels: dataset.labels,
      weights: dataset.weights,
      logits,
      probabilities,
      championProbabilities: championScores ?? new Float64Array(dataset.rows).fill(NaN),
    }),
  };
}

/** [rows asked for] true logits; memory for the matrix is one slice. */
function logitsOf(
  network: NetworkWeights,
  transform: Transform,
  dataset: Dataset,
  rows: Uint32Array,
): Float64Array {
  const width = transform.outputs.length;
  const into = new Float32Array(Math.min(rows.length, SLICE_ROWS) * width);
  const logits = new Float64Array(rows.length);
  for (let start = 0; start < rows.length; start += SLICE_ROWS) {
    const slice = applyTransform(transform, dataset.features, rows.subarray(start, start + SLICE_ROWS), into);
    logits.set(forwardLogits(network, slice.matrix, slice.rows, width), start);
  }
  return logits;
}

/** [dataset rows] natural probabilities through the champion's own transform; NaN outside the judging rows. */
function scoreChampion(champion: LoadedChampion, dataset: Dataset, rows: Uint32Array): Float64Array {
  const logits = logitsOf(champion.network, champion.transform, dataset, rows);
  const spread = new Float64Array(dataset.rows).fill(NaN);
  rows.forEach((row, at) => (spread[row] = sigmoid(logits[at] ?? NaN)));
  return spread;
}

/** The F1-best threshold on the validation rows; without such rows on the train rows. */
function thresholdOf(dataset: Dataset, probabilities: Float64Array): number {
  const validation = rowsOf(dataset, 'validation');
  const rows = validation.length > 0 ? validation : rowsOf(dataset, 'train');
  const { scores, labels, weights } = subset(dataset, probabilities, rows);
  return bestF1Threshold(rankScores(scores, labels, weights));
}

/** Weighted share of goals. */
function baseRateOf(dataset: Dataset, rows: Uint32Array): number {
  return weightedMean(
    Uint8Array.from(rows, (row) => dataset.labels[row] ?? 0),
    Float64Array.from(rows, (row) => dataset.weights[row] ?? 0),
  );
}

function metricsOn(dataset: Dataset, of: Float64Array, rows: Uint32Array, threshold: number): Metrics {
  const { scores, labels, weights } = subset(dataset, of, rows);
  return evaluateScores(scores, labels, weights, threshold);
}

function subset(dataset: Dataset, of: Float64Array, rows: Uint32Array) {
  return {
    scores: Float64Array.from(rows, (row) => of[row] ?? NaN),
    labels: Uint8Array.from(rows, (row) => dataset.labels[row] ?? 0),
    weights: Float64Array.from(rows, (row) => dataset.weights[row] ?? 0),
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
