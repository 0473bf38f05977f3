import { decodeScores, encodeDataset, type Scores } from '@factory/dataset';
import { MARKS, rowsOf, type Dataset, type Mark, type NumberColumn } from '@factory/domain';
import { bestF1Threshold, evaluateScores, rankScores } from '@factory/metrics';
import { parseReport } from '@factory/model';
import type { JudgementInput } from './judge-candidate';
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
    expect(report.metrics).toEqual({
      train: again(inPart(scores, 'train')),
      test: again(inPart(scores, 'test')),
      outOfTime: again(inPart(scores, 'out-of-time')),
      judging: again(isJudging),
    });
    expect(report.champion).toEqual({
      version: 'v0',
      metrics: again(isJudging, scores.championProbabilities),
    });
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
    expect(late.report.judging).toMatchObject({ part: 'out-of-time', rows: 400, leftOut: 0 });
    const { report, scores } = judged({ minOutOfTimeGoals: 1_000 });
    expect(report.judging.part).toBe('test');
    expect(report.metrics.judging).toEqual(report.metrics.test);
    expect([...scores.judging.keys()].filter((row) => scores.judging[row] === 1)).toEqual([
      ...rowsOf(dataset, 'test'),
    ]);
  });

  it('are not rows that the champion was trained on', () => {
    const learned = { ...window, trainEnd: '2023-02-12T00:00:00.000Z' };
    const { report, scores } = judged({ champion: championOf(3, -4, learned) });
    expect(report.judging).toMatchObject({ part: 'out-of-time', rows: 320, leftOut: 80 });
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

  it('has no metrics of parts without rows, and a threshold from train rows without validation', () => {
    const { report, scores } = judged({}, without('validation', 'out-of-time'));
    expect(report.metrics.outOfTime).toBeNull();
    expect(report.judging.part).toBe('test');
    const threshold = bestF1Threshold(rankScores(...subset(scores, inPart(scores, 'train'))));
    expect(report.metrics.test!.threshold).toBe(threshold);
  });
});

describe('the verdict on a candidate', () => {
  const good = basketNetwork(1.5, 0);
  const asChampion = (slope: number, bias: number) => ({
    ...championOf(0, 0),
    ...asLoaded(basketNetwork(slope, bias)),
    transform: transformOf(),
  });
  test.each([
    ['without a champion: promote', null, 'promote', 'no-champion'],
    ['a champion that ranks upside down: promote', asChampion(-1, -2.3), 'promote', 'lower-log-loss'],
    ['a champion that knows its rows better: keep', asChampion(1.2, -2.3), 'keep', 'worse'],
    ['itself as the champion: keep', asChampion(0.6, Math.log(0.1)), 'keep', 'worse'],
  ])('%s', (_case, champion, decision, decisive) => {
    const weights = (decision === 'keep' ? basketNetwork(0.6) : good).encode();
    const { report } = judged({ champion, weights });
    expect(report.verdict).toMatchObject({ decision, decisive });
  });

  it('is based on the log-losses of the report', () => {
    const { report } = judged({ champion: championOf(3, -4) });
    expect(report.verdict.reasons.at(-1)).toMatchObject({
      rule: 'lower-log-loss',
      figure: report.metrics.judging!.logLoss,
      limit: report.champion!.metrics.logLoss,
    });
  });

  test.each([
    ['NaN', NaN],
    ['infinite', Infinity],
  ])('a network of %s weights is rejected, without metrics', (_case, slope) => {
    const weights = basketNetwork(slope).encode();
    const { report, scores } = judged({ weights, champion: championOf(3, -4) });
    expect(report.verdict).toMatchObject({ decision: 'reject', decisive: 'finite-scores' });
    expect(report.metrics).toEqual({ train: null, test: null, outOfTime: null, judging: null });
    expect(report.champion).toBeNull();
    expect(report.baseRate).toBe(judged().report.baseRate);
    expect(scores.rows).toBe(dataset.rows);
  });

  it('without a goal in the judging rows is reject', () => {
    const none = { ...dataset, labels: new Uint8Array(dataset.rows) };
    const { report } = judged({}, none);
    expect(report.verdict).toMatchObject({ decision: 'reject', decisive: 'goals-to-judge-by' });
  });

  it('is reached without a champion whose scores are no numbers, with a warning', () => {
    const { report } = judged({ champion: championOf(NaN, 0), warnings: ['from loading'] });
    expect(report.verdict).toMatchObject({ decision: 'promote', decisive: 'no-champion' });
    expect(report.champion).toBeNull();
    expect(report.warnings).toEqual(['from loading', 'champion v0 gives scores that are not numbers']);
  });
});
