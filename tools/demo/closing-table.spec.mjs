import { closingRow, renderRows, trainingLine, verdictLines } from './closing-table.mjs';

/** @import { ModelAnswer, RunAnswer, TrialAnswer } from '../sandbox/factory-command.mjs' */

/**
 * @param {number} number
 * @param {Partial<TrialAnswer>} more
 * @returns {TrialAnswer}
 */
const trial = (number, more = {}) => ({
  combination: {
    ...{ trial: number, node1: 32 * number, node2: 16, dropout1: 0.2, dropout2: 0.2, optimizer: 'adam' },
    ...{ learningRate: 0.001, lrAnnealing: 0.1, batchSize: 256, epochs: 50 },
  },
  engine: 'kernel-avx2',
  seconds: 1.5,
  rocAuc: 0.8,
  prAuc: 0.3,
  naturalTestLogLoss: 0.2,
  ...more,
});

/** @type {RunAnswer} */
const PUBLISHED = {
  run: 'a',
  source: 'main',
  product: 2,
  outcome: 'published',
  reason: 'first-model',
  seconds: 12,
  window: { start: '2026-08-01T00:00:00.000Z', trainEnd: '2026-11-19T00:00:00.000Z', sales: 1440 },
  trials: [trial(1), trial(2, { seconds: null })],
  winner: 2,
  verdict: { decision: 'promote', decisive: 'no-champion', words: 'Promoted: it is the first.' },
  evaluation: {
    metrics: {
      judging: {
        ...{ logLoss: 0.23456, calibrationRatio: 1.0234, calibrationSlope: 0.987 },
        intervals: { logLoss: { lower95: 0.2101, upper95: 0.2599 } },
      },
    },
  },
  controlOverhead: { transitions: [], medianMs: null, totalMs: 0 },
};
/** @type {ModelAnswer} */
const MODEL = {
  run: 'a',
  location: 's3://propensity/factory/models/main/sale/2/v1',
  metrics: { judgedOn: 'out-of-time', rocAuc: 0.78912, liftAt5: 4.5678, calibrationRatio: 1.0234 },
};

describe('the closing table', () => {
  it('has the figures of a run and its model', () => {
    expect(closingRow(PUBLISHED, MODEL)).toEqual({
      source: 'main',
      product: 2,
      window: '2026-08-01 .. 2026-11-19',
      sales: 1440,
      trials: 2,
      winner: '64-16, dropout 0.2, adam',
      engine: 'kernel-avx2',
      trainingSeconds: 1.5,
      judgedOn: 'out-of-time',
      auc: 0.78912,
      liftAt5: 4.5678,
      logLoss: 0.23456,
      logLossInterval: [0.2101, 0.2599],
      calibration: 1.0234,
      slope: 0.987,
      verdict: 'promote',
      why: 'no-champion',
      words: 'Promoted: it is the first.',
      outcome: 'published',
      reason: 'first-model',
      seconds: 12,
      location: MODEL.location,
    });
  });

  it('shows the outcome of a run without a model', () => {
    const failed = closingRow(
      {
        ...PUBLISHED,
        ...{ outcome: 'failed', reason: 'missing-table', window: null, trials: [], winner: null },
        verdict: null,
        evaluation: null,
      },
      undefined,
    );
    const text = renderRows([failed]);
    expect(text).toMatch(
      /│ main\/2 +│ - +│ - +│ 0 +│ - +│ - +│ - +│ - +│ - +│ - +│ failed +│ missing-table +│/,
    );
  });

  it('rounds figures', () => {
    const text = renderRows([closingRow(PUBLISHED, MODEL)]);
    const figures = ['0.7891', '4.57', '0.2346 (0.2101 to 0.2599)', '1.023', '0.99', MODEL.location];
    for (const figure of [...figures, 'promote: no-champion']) expect(text).toContain(figure);
  });

  it('says why a slope cannot be told, and leaves out what an older evaluator did not measure', () => {
    const judging = { logLoss: 0.2, calibrationRatio: 1, calibrationSlope: 'separated' };
    const older = {
      ...PUBLISHED,
      evaluation: { metrics: { judging } },
      verdict: { decision: 'promote', decisive: null, words: null },
    };
    const row = closingRow(older, MODEL);
    expect(renderRows([row])).toMatch(/│ 0\.2000 +│ 1\.000 +│ separated +│ promote +│/);
    expect(verdictLines([row, closingRow(PUBLISHED, MODEL)])).toBe('main/2: Promoted: it is the first.');
  });

  it('sums up all trials', () => {
    const rows = [closingRow(PUBLISHED, MODEL), closingRow({ ...PUBLISHED, product: 3 }, undefined)];
    expect(trainingLine(rows)).toBe('4 trials trained by kernel-avx2 in 3.0 s of processor time');
  });
});
