import { expandGrid, MARKS, priorShift, rowsOf, sigmoid } from '@factory/domain';
import { createEngine } from '@factory/engines';
import {
  bootstrapScores,
  calibrationIntercept,
  calibrationRatio,
  estimateCalibrationSlope,
  logLoss,
  weightedMean,
} from '@factory/metrics';
import { applyTransform, fitTransform } from '@factory/normalisation';
import { simulateSeries } from '@factory/simulator';

/**
 * @import { SimulatedSeries } from '@factory/simulator'
 *
 * @typedef {object} Product
 * @property {number} baseRate
 * @property {number} goals expected in the training window
 * @property {number} seed
 *
 * @typedef {object} Figures of one set of scores on the out-of-time visits, weighted
 * @property {number} overTruth mean score / mean true propensity
 * @property {number} overOutcomes mean score / share of goals
 * @property {number} lower95 of `overOutcomes`, over visitors
 * @property {number} upper95
 * @property {number} slope calibration slope; NaN if it cannot be estimated
 * @property {number} excess log-loss / that of the true propensities - 1
 */

const DAY_MS = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const TRAIN_DAYS = 42;
const OUT_OF_TIME_DAYS = 14;
/** Visits without the goal per goal, as sampling draws them. */
const OTHERS_PER_GOAL = 8;

/**
 * Trains the quick grid on a product whose true propensities are known, sets levels and chooses the winner as the trainer
 * does, and looks at its scores on days after the window.
 *
 * @param {Product} product
 * @returns {Promise<{natural: Figures, raw: Figures, goals: number}>} `raw`: the same scores with the sampling not
 *   undone; `goals`: of the out-of-time part
 */
export async function trainHonestly({ baseRate, goals, seed }) {
  const othersKept = Math.min(1, (OTHERS_PER_GOAL * baseRate) / (1 - baseRate));
  const series = simulateSeries({
    seed,
    startMs: START,
    days: TRAIN_DAYS + OUT_OF_TIME_DAYS,
    visitsADay: goals / baseRate / TRAIN_DAYS,
    baseRate,
    othersKept,
  });
  const trainEnd = START + TRAIN_DAYS * DAY_MS;
  const dataset = {
    ...series,
    marks: series.marks.map((mark, row) =>
      (series.visitTimes[row] ?? 0) >= trainEnd ? MARKS.indexOf('out-of-time') : mark,
    ),
  };
  const transform = fitTransform(dataset.features, rowsOf(dataset, 'train'));
  const every = Uint32Array.from({ length: dataset.rows }, (_, row) => row);
  const { matrix, width } = applyTransform(transform, dataset.features, every);
  const data = {
    features: matrix,
    width,
    labels: dataset.labels,
    trainRows: rowsOf(dataset, 'train'),
    validationRows: rowsOf(dataset, 'validation'),
  };
  const shift = priorShift(1, othersKept);
  const engine = await createEngine('auto', () => performance.now());
  let best = {
    loss: Infinity,
    level: 0,
    weights: /** @type {import('@factory/model').NetworkWeights | null} */ (null),
  };
  for (const { settings } of expandGrid('quick')) {
    const { weights } = await engine.train(data, settings, { seed });
    /** @param {Uint32Array} rows @param {number} added */
    const scored = (rows, added) => {
      const logits = engine.predictLogits(weights, data, rows);
      const scores = Float64Array.from(logits, (logit) => sigmoid(logit + added));
      return { scores, ...judged(dataset, rows) };
    };
    const drawn = scored(data.trainRows, 0);
    const level = calibrationIntercept(
      drawn.scores,
      drawn.labels,
      Float64Array.from(drawn.labels, () => 1),
    );
    const onValidation = scored(data.validationRows, shift + level);
    const loss = logLoss(onValidation.scores, onValidation.labels, onValidation.weights);
    if (loss < best.loss) best = { loss, level, weights };
  }
  if (!best.weights) throw new Error(`product ${seed}: every network diverged`);
  const rows = rowsOf(dataset, 'out-of-time');
  const logits = engine.predictLogits(best.weights, data, rows);
  const part = judged(dataset, rows);
  const truth = Float64Array.from(rows, (row) => sigmoid(series.trueLogits[row] ?? 0));
  /** @param {number} added */
  const figures = (added) =>
    figuresOf(
      Float64Array.from(logits, (logit) => sigmoid(logit + added)),
      truth,
      part,
    );
  return {
    natural: figures(best.level + shift),
    raw: figures(best.level),
    goals: part.labels.reduce((sum, label) => sum + label, 0),
  };
}

/**
 * @param {SimulatedSeries} series
 * @param {Uint32Array} rows
 */
function judged({ labels, weights, visitorIds }, rows) {
  const numbers = new Map();
  return {
    labels: Uint8Array.from(rows, (row) => labels[row] ?? 0),
    weights: Float64Array.from(rows, (row) => weights[row] ?? 0),
    groups: Uint32Array.from(rows, (row) => {
      const id = visitorIds[row] ?? '';
      if (!numbers.has(id)) numbers.set(id, numbers.size);
      return numbers.get(id) ?? 0;
    }),
  };
}

/**
 * @param {Float64Array} scores
 * @param {Float64Array} truth
 * @param {ReturnType<typeof judged>} part
 * @returns {Figures}
 */
function figuresOf(scores, truth, { labels, weights, groups }) {
  const slope = estimateCalibrationSlope(scores, labels, weights);
  const intervals = bootstrapScores({ scores, labels, weights, groups }, { seed: 1, samples: 400 });
  return {
    overTruth: weightedMean(scores, weights) / weightedMean(truth, weights),
    overOutcomes: calibrationRatio(scores, labels, weights),
    lower95: intervals.calibrationRatio.lower95,
    upper95: intervals.calibrationRatio.upper95,
    slope: typeof slope === 'number' ? slope : NaN,
    excess: logLoss(scores, labels, weights) / logLoss(truth, labels, weights) - 1,
  };
}
