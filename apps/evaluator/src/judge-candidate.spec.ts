import { decodeScores, encodeDataset, type Scores } from '@factory/dataset';
import {
  hash52,
  MARKS,
  rowsOf,
  type Column,
  type Dataset,
  type Mark,
  type NumberColumn,
} from '@factory/domain';
import {
  bestF1Threshold,
  evaluateScores,
  logLosses,
  pairedBootstrap,
  rankScores,
  reliabilityBins,
} from '@factory/metrics';
import { DEFAULT_VERDICT_RULES, type VerdictRules } from '@factory/judgement';
import { buildPercentiles, NetworkModel, parseReport, Scorer, type Report } from '@factory/model';
import { fitTransform } from '@factory/normalisation';
import type { JudgementInput, LoadedChampion, LoadedVersion } from './judgement-input';
import {
  asLoaded,
  basketNetwork,
  championOf,
  dataset,
  judgedFrom,
  judgementInput,
  refOf,
  transformOf,
  window,
  without,
} from './spec-judgement';

function judged(changes: Partial<JudgementInput> = {}, of: Dataset = dataset) {
  const bytes = encodeDataset(of);
  const { report, scores } = judgedFrom(judgementInput({ dataset: refOf(bytes), ...changes }), bytes);
  // The input must be the same after being written to files and read again.
  return { report: parseReport(JSON.parse(JSON.stringify(report))), scores: decodeScores(scores) };
}

function subset(scores: Scores, is: (row: number) => boolean, of = scores.probabilities) {
  const rows = Array.from(scores.labels.keys()).filter(is);
  return [
    Float64Array.from(rows, (row) => of[row]!),
    Uint8Array.from(rows, (row) => scores.labels[row]!),
    Float64Array.from(rows, (row) => scores.weights[row]!),
  ] as const;
}

const inPart = (scores: Scores, mark: Mark) => (row: number) => scores.marks[row] === MARKS.indexOf(mark);
const basket = (dataset.features[0] as NumberColumn).values;

describe('what a candidate is judged by', () => {
  it('are metrics that can be computed again from scores.arrow', () => {
    const { report, scores } = judged({ champion: championOf(3, -4) });
    const threshold = bestF1Threshold(rankScores(...subset(scores, inPart(scores, 'validation'))));
    const again = (is: (row: number) => boolean, of?: Float64Array) =>
      evaluateScores(...subset(scores, is, of), threshold);
    const isJudging = (row: number) => scores.judging[row] === 1;
    const { reliability, intervals, ...judging } = report.metrics.judging!;
    expect({ ...report.metrics, judging }).toEqual({
      train: again(inPart(scores, 'train')),
      test: again(inPart(scores, 'test')),
      outOfTime: again(inPart(scores, 'out-of-time')),
      judging: again(isJudging),
    });
    expect(report.champion).toMatchObject({
      version: 'v0',
      ageDays: 0,
      metrics: again(isJudging, scores.championProbabilities),
    });
    const on = subset(scores, isJudging);
    expect(reliability).toEqual(reliabilityBins(...on));
    const groups = Uint32Array.from(on[0].keys());
    expect(Object.keys(intervals!)).toEqual(['logLoss', 'rocAuc', 'calibrationRatio', 'meanScore']);
    expect(intervals!['logLoss']!.estimate).toBeCloseTo(judging.logLoss, 12);
    const losses = [scores.probabilities, scores.championProbabilities].map((of) =>
      logLosses(subset(scores, isJudging, of)[0], on[1]),
    );
    const compared = pairedBootstrap({
      ...{ lossA: losses[0]!, lossB: losses[1]!, weights: on[2], groups },
      seed: hash52('bootstrap', report.run) % 2 ** 32,
    });
    for (const [end, value] of Object.entries(compared))
      expect(report.champion!.difference![end as keyof typeof compared]).toBeCloseTo(value, 12);
    expect(report.baselines!.baseRate.difference.estimate).toBeCloseTo(
      judging.logLoss - report.baselines!.baseRate.logLoss,
      12,
    );
    expect(report.baselines!.baseRate.logLoss).toBeCloseTo(judging.logLoss / judging.normalisedEntropy, 12);
    expect(report.baseRate).toBe(report.metrics.judging!.baseRate);
    expect(report.judging.rows).toBe(scores.judging.reduce((sum, flag) => sum + flag, 0));
  });

  it('are natural probabilities: the prior shift is in every logit', () => {
    const input = judgementInput();
    const drawn = judged({ counts: { ...input.counts, f1: 1, f0: 1 } }).scores;
    const { report, scores } = judged();
    expect(report.candidate.priorShift).toBe(Math.log(0.1));
    scores.logits.forEach((logit, row) => {
      expect(logit).toBeCloseTo(drawn.logits[row]! + Math.log(0.1), 5);
      expect(scores.probabilities[row]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 12);
    });
    expect(report.metrics.judging!.calibrationRatio).toBeGreaterThan(0.8);
    expect(report.metrics.judging!.calibrationRatio).toBeLessThan(1.25);
  });

  it('are the out-of-time rows, or the test rows where they hold too few goals', () => {
    const late = judged();
    expect(late.report.judging).toMatchObject({
      ...{ part: 'out-of-time', rows: 400, leftOut: 0, reused: false },
    });
    const { report, scores } = judged({ minOutOfTimeGoals: 1_000 });
    expect(report.judging.part).toBe('test');
    expect(report.metrics.judging).toMatchObject(report.metrics.test!);
    expect([...scores.judging.keys()].filter((row) => scores.judging[row] === 1)).toEqual([
      ...rowsOf(dataset, 'test'),
    ]);
  });

  it('are not rows that the champion was trained on', () => {
    const learned = { ...window, trainEnd: '2023-02-12T00:00:00.000Z' };
    const { report, scores } = judged({ champion: championOf(3, -4, learned) });
    expect(report.judging).toMatchObject({ part: 'out-of-time', rows: 320, leftOut: 80, reused: true });
    scores.judging.forEach((flag, row) => {
      expect(Number.isFinite(scores.championProbabilities[row])).toBe(flag === 1);
    });
  });

  it('are the champion’s own scores, through its own transform', () => {
    const { scores } = judged({ champion: championOf(3, -4) });
    const largest = rowsOf(dataset, 'train').reduce((most, row) => Math.max(most, basket[row]!), 0);
    const rows = [...scores.judging.keys()].filter((row) => scores.judging[row] === 1);
    for (const row of rows) {
      const logit = (3 * basket[row]!) / largest - 4;
      expect(scores.championProbabilities[row]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 6);
    }
  });

  it('are the rows after its data alone if they hold enough goals: they never judged it', () => {
    const champion = championOf(3, -4, {
      ...window,
      trainEnd: window.start,
      end: '2023-02-13T00:00:00.000Z',
    });
    const { report } = judged({ champion });
    expect(report.judging).toMatchObject({ part: 'out-of-time', rows: 280, leftOut: 0, reused: false });
    expect(report.champion!.ageDays).toBe(7);
  });

  it('has no metrics of parts without rows, and a threshold from train rows without validation', () => {
    const { report, scores } = judged({}, without('validation', 'out-of-time'));
    expect(report.metrics.outOfTime).toBeNull();
    expect(report.judging.part).toBe('test');
    const threshold = bestF1Threshold(rankScores(...subset(scores, inPart(scores, 'train'))));
    expect(report.metrics.test!.threshold).toBe(threshold);
  });
});

/** The candidate of the judgement's input, with a prior shift of ln .1 to come. */
const candidateOf = (slope: number, bias = 0) => ({ weights: basketNetwork(slope, bias).encode() });
/** A version in force with the same transform, whose data end some days before the candidate's. */
const inForce = (slope: number, bias = 0, days = 7): LoadedChampion => ({
  ...championOf(0, 0, before(days)),
  ...asLoaded(basketNetwork(slope, Math.log(0.1) + bias)),
  transform: transformOf(),
});
const before = (days: number) => {
  const at = (instant: string) => new Date(Date.parse(instant) - days * 86_400_000).toISOString();
  return { ...window, start: at(window.start), trainEnd: at(window.trainEnd), end: at(window.end) };
};
/** The rule that decided, as the report tells it. */
const decisiveOf = ({ verdict }: Report) => verdict.reasons.find(({ rule }) => rule === verdict.decisive);
const changed = (change: Partial<VerdictRules>) => ({ rules: { ...DEFAULT_VERDICT_RULES, ...change } });

describe('a candidate alone is rejected', () => {
  /** A column that knows the goal, nearly. */
  const leaking = (): Dataset => ({
    ...dataset,
    features: dataset.features.map((column) =>
      column.kind === 'number' && column.name === 'basket'
        ? { ...column, values: column.values.map((value, row) => value / 10 + 90 * dataset.labels[row]!) }
        : column,
    ),
  });
  const coarse = (): Dataset => ({
    ...dataset,
    features: dataset.features.map((column) =>
      column.kind === 'number'
        ? { ...column, values: column.values.map((value) => 10 * Math.round(value / 10)) }
        : column,
    ),
  });

  test.each<[string, Partial<JudgementInput>, Dataset]>([
    ['ranks', candidateOf(-1), dataset],
    ['beats-base-rate', candidateOf(1.6, 3), dataset],
    ['suspect-leak', candidateOf(1.6), leaking()],
    [
      'beats-logistic',
      {
        ...{ ...candidateOf(0.7), logistic: asLoaded(basketNetwork(1.6)) },
        ...changed({ logisticTolerance: 0 }),
      },
      dataset,
    ],
    ['calibrated', candidateOf(1.6, 0.6), dataset],
    ['parameters', { ...candidateOf(1.6), ...changed({ maxParameters: 2 }) }, dataset],
    ['bytes', { ...candidateOf(1.6), ...changed({ maxBytes: 10 }) }, dataset],
    ['score-distinct', candidateOf(1.6), coarse()],
  ])('%s', (rule, changes, of) => {
    const { report } = judged(changes, of);
    expect(report.verdict).toMatchObject({ decision: 'reject', decisive: rule, anchor: null });
    expect(report.verdict.words).toMatch(/^Rejected.*\.$/);
    expect(decisiveOf(report)).toMatchObject({ result: 'failed', words: expect.any(String) as string });
    // The same candidate without the fault is promoted.
    expect(judged({ weights: candidateOf(1.6).weights }).report.verdict.decision).toBe('promote');
  });

  it('unless a person has overruled the check of its scores', () => {
    const overrules = [{ check: 'score-distinct', reason: 'few prices', by: 'ann' }];
    const { report } = judged({ ...candidateOf(1.6), overrules }, coarse());
    expect(report.verdict).toMatchObject({ decision: 'promote', decisive: 'no-champion' });
    expect(report.scoreChecks).toMatchObject([
      { code: 'score-distinct', severity: 'stop', overruled: { reason: 'few prices', by: 'ann' } },
    ]);
  });

  test.each([
    ['NaN', NaN],
    ['infinite', Infinity],
  ])('for a network of %s weights, without metrics', (_case, slope) => {
    const { report, scores } = judged({ ...candidateOf(slope), champion: championOf(3, -4) });
    expect(report.verdict).toMatchObject({ decision: 'reject', decisive: 'finite-scores' });
    expect(report.metrics).toEqual({ train: null, test: null, outOfTime: null, judging: null });
    expect(report).toMatchObject({ champion: null, baselines: null, anchor: null });
    expect(report.scoreChecks).toMatchObject([{ code: 'score-not-finite', severity: 'stop' }]);
    expect(report.baseRate).toBe(judged().report.baseRate);
    expect(scores.rows).toBe(dataset.rows);
  });

  it('without a goal in the judging rows', () => {
    const none = { ...dataset, labels: new Uint8Array(dataset.rows) };
    expect(judged({}, none).report.verdict).toMatchObject({
      ...{ decision: 'reject', decisive: 'goals-to-judge-by' },
    });
  });

  it('for predicting too much of the days after, unless the champion does worse there', () => {
    const late = MARKS.indexOf('out-of-time');
    const slump = {
      ...dataset,
      weights: dataset.weights.map((weight, row) =>
        dataset.marks[row] === late && dataset.labels[row] === 1 ? 0.7 * weight : weight,
      ),
    };
    const strict = { ...candidateOf(1.6), ...changed({ calibrationRatio: { from: 0.8, to: 1.1 } }) };
    const alone = judged(strict, slump).report.verdict;
    expect(alone).toMatchObject({ decision: 'reject', decisive: 'calibrated' });
    const beside = judged({ ...strict, champion: inForce(1.6, 1, 10) }, slump).report.verdict;
    expect(beside).toMatchObject({ decision: 'promote', decisive: 'better' });
  });
});

describe('a candidate without a champion', () => {
  it('is promoted, with its size and what scoring a row takes', () => {
    const { report } = judged();
    expect(report.verdict).toMatchObject({
      ...{ decision: 'promote', decisive: 'no-champion', alerts: [], anchor: null },
      words: 'Promoted: it is the first model that can be used.',
    });
    expect(report.latencyMicros).toBe(250);
    const files = basketNetwork(1.5).shifted(Math.log(0.1)).toFiles('main_sale_7');
    expect(report.bytes).toBe([...files.values()].reduce((sum, file) => sum + file.length, 0));
    expect(report).toMatchObject({ repair: null, scoreChecks: [], dataChecks: [], champion: null });
  });

  it('is told by its columns: what it reads of each', () => {
    const { importance, judging } = judged().report;
    expect(importance!.rows).toBe(judging.rows);
    const [basket, noise] = importance!.columns;
    expect(basket).toMatchObject({ column: 'basket', increase: expect.any(Number) });
    expect(basket!.increase).toBeGreaterThan(0.01);
    expect(noise).toEqual({ column: 'noise', increase: 0 });
  });

  it('is promoted with a warning where scoring is slow, or logistic regression ranks better', () => {
    const slow = judged(changed({ warnLatencyMs: 0.2 })).report.verdict;
    expect(slow).toMatchObject({ decision: 'promote', warnings: [expect.stringMatching(/0.25 ms/)] });
    const flat = { ...transformOf(), outputs: transformOf().outputs };
    const noisy = new NetworkModel({
      layers: [
        {
          ...{ kernel: Float32Array.of(1.5, 0.2), bias: Float32Array.of(0), inputs: flat.outputs.length },
          ...{ units: 1, activation: 'sigmoid' },
        },
      ],
    });
    const { verdict, baselines } = judged({
      weights: noisy.encode(),
      logistic: asLoaded(basketNetwork(1.5)),
    }).report;
    expect(baselines!.logistic!.metrics.rocAuc).toBeGreaterThan(0.8);
    expect(verdict).toMatchObject({ decision: 'promote', warnings: [expect.stringMatching(/ROC-AUC/)] });
  });

  it('is promoted where the champion gives no numbers, with a warning', () => {
    const { report } = judged({ champion: championOf(NaN, 0), warnings: ['from loading'] });
    expect(report.verdict).toMatchObject({ decision: 'promote', decisive: 'no-champion', anchor: null });
    expect(report.champion).toBeNull();
    expect(report.warnings).toEqual(['from loading', 'champion v0 gives scores that are not numbers']);
  });
});

describe('a challenger', () => {
  const anchor: LoadedVersion = { ...inForce(1.6, 0, 60), version: 'v-1', manifestSha256: '1'.repeat(64) };
  const v0 = { version: 'v0', manifestSha256: '0'.repeat(64) };
  const v1 = { version: 'v-1', manifestSha256: '1'.repeat(64) };
  /** Its scores are the champion's, nearly: neither is surely better, and the difference is sure. */
  const alike = candidateOf(1.61);

  test.each<[string, Partial<JudgementInput>, string, object | null]>([
    ['is promoted if it is surely better', { ...candidateOf(1.6), champion: inForce(-1) }, 'better', null],
    [
      'that is better on rows that judged before needs more proof',
      { ...candidateOf(1.6), champion: inForce(0.7, 0, 0) },
      'champion-fresh',
      v0,
    ],
    [
      'with the same difference is better on fresh rows',
      { ...candidateOf(1.6), champion: inForce(0.7, 0, 10) },
      'better',
      null,
    ],
    ['that is worse is kept out', { ...candidateOf(0.7), champion: inForce(1.6) }, 'worse', v0],
    [
      'that is itself is kept while the champion is fresh',
      { ...candidateOf(1.6), champion: inForce(1.6) },
      'champion-fresh',
      v0,
    ],
    [
      'not worse than an old champion is promoted',
      { ...alike, champion: inForce(1.6, 0, 15) },
      'fresher',
      v0,
    ],
    [
      'of older data is kept out',
      { ...candidateOf(1.6), champion: inForce(-1, 0, -1) },
      'older-than-champion',
      v0,
    ],
    [
      'is kept out while the champion is held',
      { ...candidateOf(1.6), champion: inForce(-1), held: true },
      'held',
      v0,
    ],
    [
      'of a champion without proof is held against its anchor',
      {
        ...alike,
        champion: {
          ...inForce(1.6, 0, 15),
          anchor: { ...anchor, ...asLoaded(basketNetwork(-1, Math.log(0.1))) },
        },
      },
      'fresher',
      v1,
    ],
  ])('%s', (_case, changes, decisive, next) => {
    const { verdict } = judged({ ...changes, minOutOfTimeGoals: 20 }).report;
    const decision = ['better', 'fresher', 'stale'].includes(decisive) ? 'promote' : 'keep';
    expect(verdict).toMatchObject({ decision, decisive, anchor: next });
    expect(verdict.words).toMatch(decision === 'promote' ? /^Promoted/ : /^Kept/);
  });

  it('that would let small losses add up is kept out, with an alert and every figure', () => {
    const champion = { ...inForce(1.2, 0, 15), anchor };
    const { report } = judged({ ...candidateOf(1.2), champion, minOutOfTimeGoals: 20 });
    expect(report.verdict).toMatchObject({ decision: 'keep', decisive: 'creeping', anchor: v1 });
    expect(report.verdict.alerts).toHaveLength(1);
    expect(report.anchor).toMatchObject({ version: 'v-1' });
    expect(report.anchor!.difference.estimate).toBeCloseTo(
      report.metrics.judging!.logLoss - report.anchor!.logLoss,
      12,
    );
    expect(report.verdict.reasons.find(({ rule }) => rule === 'no-creep')).toMatchObject({
      ...{ figure: report.anchor!.difference.upper95, result: 'failed' },
    });
  });

  it('is held against the champion alone if its anchor gives no numbers, with a warning', () => {
    const broken = { ...anchor, ...asLoaded(basketNetwork(NaN)) };
    const { report } = judged({ ...alike, champion: { ...inForce(1.6, 0, 15), anchor: broken } });
    expect(report.verdict).toMatchObject({ decisive: 'fresher', anchor: v0 });
    expect(report.anchor).toBeNull();
    expect(report.warnings).toEqual(['anchor v-1 gives scores that are not numbers']);
  });

  it('is held against the profit of the champion where the rules say what a goal is worth', () => {
    const paid = changed({ profit: { goalValue: 4, contactCost: 1, capacity: 1 } });
    const found = (changes: Partial<JudgementInput>) =>
      judged({ ...paid, ...changes, minOutOfTimeGoals: 20 }).report.verdict.reasons.find(
        ({ rule }) => rule === 'profit',
      );
    expect(found({ ...candidateOf(1.6), champion: inForce(1.6) })).toMatchObject({
      figure: 0,
      result: 'passed',
    });
    const better = found({ ...candidateOf(1.6), champion: inForce(-1) });
    expect(better).toMatchObject({ result: 'passed', limit: 0 });
    expect(better!.figure).toBeGreaterThan(0.1);
    const flat = found({ ...candidateOf(0.3), champion: inForce(1.6) });
    expect(flat!.words).toMatch(/^Profit a visit differs from the champion's by -0.0/);
  });

  it('without times counts the days that the champion has been in force', () => {
    const noTime = { ...window, noTime: true as const };
    const champion = { ...inForce(1.6, 0, 0), window: noTime, since: '2023-02-01T03:00:00.000Z' };
    const { report } = judged({ ...alike, champion, window: noTime }, without('out-of-time'));
    expect(report.champion!.ageDays).toBe(19);
    expect(report.verdict.decisive).toBe('fresher');
  });

  it('of a changed schema is compared with a champion of the schema before', () => {
    const { report: same } = judged({ ...candidateOf(1.6), champion: inForce(-1) });
    const rows = Uint32Array.from({ length: dataset.rows }, (_, row) => row);
    const coupon: Column = {
      ...{ kind: 'category', name: 'coupon', levels: ['no', 'yes'] },
      codes: Int32Array.from(rows, (row) => row % 2),
    };
    // Before: basket, coupon, and noise under another name. Now: no coupon, noise renamed, a new column beside.
    const [basketColumn, noise] = dataset.features as [NumberColumn, NumberColumn];
    const old = fitTransform(
      [basketColumn, coupon, { ...noise, name: 'noise_old' }],
      rowsOf(dataset, 'train'),
    );
    const kernel = Float32Array.from(old.outputs, (output) => (output === 'basket' ? -1 : 0.1));
    const model = new NetworkModel({
      layers: [
        {
          ...{ kernel, bias: Float32Array.of(Math.log(0.1)), inputs: old.outputs.length, units: 1 },
          activation: 'sigmoid',
        },
      ],
    });
    const now = { ...dataset, features: [...dataset.features, { ...noise, name: 'added' }] };
    const champion = { ...inForce(0), ...asLoaded(model), transform: old };
    const { report, scores } = judged({ ...candidateOf(1.6), champion }, now);
    const percentiles = buildPercentiles(Float64Array.of(0, 1), Float64Array.of(1, 1));
    const scorer = new Scorer({ model, transform: old, percentiles });
    scores.judging.forEach((flag, row) => {
      if (flag === 0) return;
      const { probability } = scorer.score({ basket: basket[row]! });
      expect(scores.championProbabilities[row]).toBeCloseTo(probability, 6);
    });
    expect(report.champion!.metrics.rows).toBe(same.champion!.metrics.rows);
    expect(report.champion!.difference!.upper95).toBeLessThan(0);
    expect(report.verdict).toMatchObject({ decision: 'promote', decisive: 'better' });
    expect(report.warnings).toEqual([]);
  });
});
