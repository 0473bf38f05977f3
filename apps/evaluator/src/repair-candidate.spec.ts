import { decodeScores, encodeDataset } from '@factory/dataset';
import { HALVES, MARKS, hashFraction, sigmoid, type Dataset } from '@factory/domain';
import { evaluateScores, type BootstrapInterval } from '@factory/metrics';
import { LOGIT_TOLERANCE, Scorer, buildPercentiles, decodeModel, parseReport } from '@factory/model';
import type { JudgementInput } from './judgement-input';
import {
  basketNetwork,
  championOf,
  dataset,
  judgedFrom,
  judgementInput,
  refOf,
  transformOf,
  window,
} from './spec-judgement';

const LATE = MARKS.indexOf('out-of-time');
/** Natural log-odds of a model with `basketNetwork(1.5)` on the dataset's transform, as `judgeCandidate` computes them. */
const naturalLogits = (() => {
  const bytes = encodeDataset(dataset);
  return decodeScores(judgedFrom(judgementInput({ repair: 'off' }), bytes).scores).logits;
})();

/**
 * Ten times the visits out of time, of as many visitors, all in half `a` or `b` by hash, whose true log-odds are on this
 * line of the candidate's; others are drawn one in ten, so the share of goals among the rows is higher.
 */
function drifted({ slope, bias }: { slope: number; bias: number }): Dataset {
  const late = [...dataset.marks.keys()].filter((row) => dataset.marks[row] === LATE);
  const early = [...dataset.marks.keys()].filter((row) => dataset.marks[row] !== LATE);
  const copies = Array.from({ length: 150 }, (_, copy) => copy).flatMap((copy) =>
    late.flatMap((row) => {
      const id = `${row}/${copy}`;
      const label = Number(hashFraction('goal', id) < sigmoid(slope * naturalLogits[row]! + bias));
      return label === 1 || hashFraction('draw', id) < 0.1 ? [{ row, id, label }] : [];
    }),
  );
  const rows = [...early.map((row) => ({ row, id: `e${row}`, label: dataset.labels[row]! })), ...copies];
  return {
    rows: rows.length,
    features: dataset.features.map((column) =>
      column.kind === 'number'
        ? { ...column, values: Float32Array.from(rows, ({ row }) => column.values[row]!) }
        : column,
    ),
    visitIds: rows.map(({ id }) => id),
    visitorIds: rows.map(({ id }) => `w${id}`),
    visitTimes: Float64Array.from(rows, ({ row }) => dataset.visitTimes[row]!),
    labels: Uint8Array.from(rows, ({ label }) => label),
    marks: Uint8Array.from(rows, ({ row }) => dataset.marks[row]!),
    weights: Float64Array.from(rows, ({ label }) => (label === 1 ? 1 : 10)),
    halves: Uint8Array.from(rows, ({ id }) => HALVES.indexOf(hashFraction('half', id) < 0.4 ? 'a' : 'b')),
  };
}

function judged(of: Dataset, changes: Partial<JudgementInput> = {}) {
  const bytes = encodeDataset(of);
  const { report, scores } = judgedFrom(judgementInput({ dataset: refOf(bytes), ...changes }), bytes);
  return { report: parseReport(JSON.parse(JSON.stringify(report))), scores: decodeScores(scores) };
}

const extreme = drifted({ slope: 0.7, bias: -0.8 });
const TRUE_LINE = { slope: 0.7, bias: -0.8 };
const isLate = (of: Dataset, row: number) => of.marks[row] === LATE;
const rowsOfHalf = (of: Dataset, half: 'a' | 'b') =>
  [...of.marks.keys()].filter((row) => isLate(of, row) && HALVES[of.halves![row]!] === half);

describe('a candidate whose probabilities are off out of time', () => {
  const { report, scores } = judged(extreme);
  const repair = report.repair!;

  it('is put on the line that half a shows', () => {
    const { looked, fitted, reason } = repair;
    expect(reason).toBe('repaired');
    expect(looked.rows).toBe(rowsOfHalf(extreme, 'a').length);
    expect((looked.slope as BootstrapInterval).lower95).toBeLessThan(TRUE_LINE.slope);
    expect((looked.slope as BootstrapInterval).upper95).toBeGreaterThan(TRUE_LINE.slope);
    expect(Math.abs(fitted!.bias - TRUE_LINE.bias)).toBeLessThan(0.35);
  });

  it('is judged by half b alone, of which nothing was fitted, and is calibrated there', () => {
    const half = rowsOfHalf(extreme, 'b');
    expect([...scores.judging.keys()].filter((row) => scores.judging[row] === 1)).toEqual(half);
    expect(report.judging).toMatchObject({ part: 'out-of-time', half: 'b', rows: half.length });
    const ratio = report.metrics.judging!.intervals!['calibrationRatio']!;
    expect(ratio.lower95).toBeLessThan(1);
    expect(ratio.upper95).toBeGreaterThan(1);
    expect(repair.after!.calibrationRatio).toBeCloseTo(ratio.estimate, 12);
    expect(Math.abs(repair.before!.calibrationRatio - 1)).toBeGreaterThan(0.2);
    expect(repair.after!.logLoss).toBeLessThan(repair.before!.logLoss);
    // Nor do figures of the part see half a.
    expect(report.metrics.outOfTime!.rows).toBe(half.length);
    expect(report.importance!.rows).toBeLessThanOrEqual(half.length);
  });

  it('has the scores of the model that is published', () => {
    const model = basketNetwork(1.5).shifted(Math.log(0.1)).rescaled(repair.fitted!);
    const scorer = new Scorer({
      ...{ model: decodeModel(model.family, model.encode()), transform: transformOf() },
      percentiles: buildPercentiles(Float64Array.of(0, 1), Float64Array.of(1, 1)),
    });
    const { logits } = scorer.scoreColumns(extreme.features, Uint32Array.from(scores.logits.keys()));
    const furthest = logits.reduce(
      (most, logit, row) => Math.max(most, Math.abs(logit - scores.logits[row]!)),
      0,
    );
    expect(furthest).toBeLessThan(LOGIT_TOLERANCE / 10);
  });

  it('tells how the share of goals has moved apart from that', () => {
    const late = [...extreme.marks.keys()].filter((row) => isLate(extreme, row));
    const goals = late.reduce((sum, row) => sum + extreme.labels[row]!, 0);
    const visits = late.reduce((sum, row) => sum + extreme.weights[row]!, 0);
    const window = 1_000 / 11_000;
    expect(report.baseRateChange).toEqual({
      window,
      outOfTime: expect.closeTo(goals / visits, 12) as number,
      ratio: expect.closeTo(goals / visits / window, 12) as number,
    });
  });

  it('is not repaired where the policy says so, or with too few goals, and all rows judge as before', () => {
    const goals = [...extreme.marks.keys()].filter(
      (row) => isLate(extreme, row) && extreme.labels[row] === 1,
    ).length;
    for (const changes of [{ repair: 'off' as const }, { repairGoals: goals + 1 }]) {
      const left = judged(extreme, changes).report;
      expect(left.repair).toBeNull();
      expect(left.judging).not.toHaveProperty('half');
      expect(left.judging.rows).toBe(rowsOfHalf(extreme, 'a').length + rowsOfHalf(extreme, 'b').length);
    }
    expect(judged(extreme, { repairGoals: goals }).report.repair).toMatchObject({ reason: 'repaired' });
  });

  it('is not repaired on a dataset from before there were halves', () => {
    const older: { -readonly [F in keyof Dataset]: Dataset[F] } = { ...extreme };
    delete older.halves;
    expect(judged(older).report).toMatchObject({ repair: null, judging: { part: 'out-of-time' } });
  });
});

describe('a candidate that is calibrated', () => {
  it('is left as it is, and half b judges all the same, for it was looked at', () => {
    const fine = drifted({ slope: 1, bias: 0 });
    const { report, scores } = judged(fine);
    expect(report.repair).toMatchObject({ fitted: null, reason: 'calibrated', after: null });
    expect(report.judging).toMatchObject({ half: 'b', rows: rowsOfHalf(fine, 'b').length });
    const off = judged(fine, { repair: 'off' });
    expect(scores.logits).toEqual(off.scores.logits);
  });
});

describe('a champion that was repaired', () => {
  const champion = {
    ...championOf(3, -4),
    decidedOn: { start: window.trainEnd, end: '2023-02-15T00:00:00.000Z', half: 'a' as const },
  };
  const inSpan = (row: number) => extreme.visitTimes[row]! < Date.parse('2023-02-15T00:00:00.000Z');
  const expected = (rows: readonly number[]) =>
    rows.filter((row) => !(HALVES[extreme.halves![row]!] === 'a' && inSpan(row)));

  it('is not judged by the rows that it was repaired on, nor is its successor', () => {
    const late = [...rowsOfHalf(extreme, 'a'), ...rowsOfHalf(extreme, 'b')].sort((x, y) => x - y);
    for (const one of [champion, { ...championOf(3, -4), anchor: champion }]) {
      const { report, scores } = judged(extreme, { champion: one, repair: 'off' });
      const judging = [...scores.judging.keys()].filter((row) => scores.judging[row] === 1);
      expect(judging).toEqual(expected(late));
      expect(report.judging.leftOut).toBe(late.length - judging.length);
      const { calibrationRatio } = report.champion!.metrics;
      const on = <T>(of: ArrayLike<T>) => judging.map((row) => of[row]!);
      const again = evaluateScores(
        Float64Array.from(on(scores.championProbabilities)),
        Uint8Array.from(on(scores.labels)),
        Float64Array.from(on(scores.weights)),
        0.5,
      );
      expect(calibrationRatio).toBeCloseTo(again.calibrationRatio, 12);
    }
  });
});
