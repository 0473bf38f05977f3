import fc from 'fast-check';
import { calibrationIntercept } from './calibration';
import { estimateCalibrationSlope } from './calibration-slope';
import { evaluateScores } from './evaluate-scores';
import { rankScores } from './ranking';
import { gainAt, liftAt, rocAuc } from './ranking-metrics';

const rowsOf = (score: fc.Arbitrary<number>) =>
  fc.array(
    fc.record({
      score,
      label: fc.constantFrom(0, 1),
      weight: fc.double({ min: 0.01, max: 100, noNaN: true }),
    }),
    {
      minLength: 1,
      maxLength: 60,
    },
  );
type Row = { score: number; label: number; weight: number };
const arrays = (rows: readonly Row[]) =>
  [
    Float64Array.from(rows, ({ score }) => score),
    Uint8Array.from(rows, ({ label }) => label),
    Float64Array.from(rows, ({ weight }) => weight),
  ] as const;
const coarse = rowsOf(fc.integer({ min: 0, max: 10 }).map((tenth) => tenth / 10));

function figuresOf(value: object): number[] {
  return Object.values(value).flatMap((one: unknown) =>
    typeof one === 'number' ? [one] : typeof one === 'object' && one ? figuresOf(one) : [],
  );
}

describe('metrics', () => {
  it('are finite on any rows: 0/0 is 0', () => {
    fc.assert(
      fc.property(coarse, (rows) => {
        expect(figuresOf(evaluateScores(...arrays(rows), 0.5)).every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it('are 0 without rows or goals', () => {
    const empty = evaluateScores(new Float64Array(), new Uint8Array(), new Float64Array(), 0.5);
    expect(empty).toMatchObject({
      rows: 0,
      rocAuc: 0,
      prAuc: 0,
      logLoss: 0,
      liftAt5: 0,
      f1: 0,
      calibrationRatio: 0,
    });
    const noGoal = evaluateScores(Float64Array.of(0.2, 0.4), Uint8Array.of(0, 0), Float64Array.of(1, 1), 0.5);
    expect(noGoal).toMatchObject({ rocAuc: 0, prAuc: 0, normalisedEntropy: 0, recall: 0, accuracy: 1 });
  });

  it('count a row of weight 3 as three rows', () => {
    const weight = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(coarse, fc.infiniteStream(weight), (drawn, stream) => {
        const rows = drawn.map((row) => ({ ...row, weight: stream.next().value }));
        const repeated = rows.flatMap((row) =>
          Array.from({ length: row.weight }, () => ({ ...row, weight: 1 })),
        );
        const weighted = evaluateScores(...arrays(rows), 0.5);
        const plain = evaluateScores(...arrays(repeated), 0.5);
        for (const name of [
          'rocAuc',
          'prAuc',
          'logLoss',
          'brier',
          'liftAt20',
          'f2',
          'calibrationRatio',
        ] as const) {
          expect(weighted[name]).toBeCloseTo(plain[name], 9);
        }
      }),
    );
  });

  it('refuse scores that are not finite, and arrays of different lengths', () => {
    const evaluate =
      (...scores: number[]) =>
      () =>
        evaluateScores(Float64Array.from(scores), Uint8Array.of(0, 1), Float64Array.of(1, 1), 0.5);
    expect(evaluate(0.5, NaN)).toThrow(/scores\[1\] = "NaN": leave this model out/);
    expect(evaluate(0.5)).toThrow(/give one of each for the 1 scores/);
  });
});

describe('ROC-AUC', () => {
  it('is the chance that a goal scores above another visit, half for ties', () => {
    fc.assert(
      fc.property(coarse, (rows) => {
        let won = 0;
        let pairs = 0;
        for (const goal of rows.filter(({ label }) => label === 1)) {
          for (const other of rows.filter(({ label }) => label === 0)) {
            const weight = goal.weight * other.weight;
            pairs += weight;
            won += weight * (goal.score > other.score ? 1 : goal.score === other.score ? 0.5 : 0);
          }
        }
        expect(rocAuc(rankScores(...arrays(rows)))).toBeCloseTo(pairs === 0 ? 0 : won / pairs, 9);
      }),
    );
  });

  it('turns into 1 - AUC when the scores change sign', () => {
    const ranking = (scores: number[]) =>
      rankScores(Float64Array.from(scores), Uint8Array.of(1, 0, 1, 0, 0), Float64Array.of(1, 2, 3, 4, 5));
    const scores = [0.9, 0.8, 0.3, 0.3, 0.1];
    expect(rocAuc(ranking(scores))).toBeCloseTo(1 - rocAuc(ranking(scores.map((score) => -score))), 12);
  });
});

describe('lift and gain', () => {
  it('count a block of equal scores at the threshold pro rata', () => {
    const ranking = rankScores(
      Float64Array.of(0.9, 0.5, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1),
      Uint8Array.of(1, 1, 1, 0, 0, 1, 0, 0, 0, 0),
      new Float64Array(10).fill(1),
    );
    expect(gainAt(ranking, 0.2)).toBeCloseTo((1 + 2 / 4) / 4, 12);
    expect(liftAt(ranking, 0.2)).toBeCloseTo((1 + 2 / 4) / 4 / 0.2, 12);
    expect(gainAt(ranking, 1)).toBeCloseTo(1, 12);
  });

  it('is 1 when all scores are equal', () => {
    const ranking = rankScores(Float64Array.of(1, 1, 1), Uint8Array.of(0, 1, 0), Float64Array.of(5, 1, 7));
    expect(liftAt(ranking, 0.05)).toBeCloseTo(1, 12);
  });
});

describe('calibration', () => {
  const logit = (p: number) => Math.log(p / (1 - p));
  const expit = (x: number) => 1 / (1 + Math.exp(-x));
  /** Two rows per score whose weights make its observed rate exactly expit(a + b logit(score)). */
  const exactly = (a: number, b: number): Row[] =>
    [0.05, 0.2, 0.4, 0.7].flatMap((score) => {
      const rate = expit(a + b * logit(score));
      return [
        { score, label: 1, weight: 50 * rate },
        { score, label: 0, weight: 50 * (1 - rate) },
      ];
    });

  it('finds the slope and the intercept that the rows were made with', () => {
    expect(estimateCalibrationSlope(...arrays(exactly(-0.7, 0.6)))).toBeCloseTo(0.6, 9);
    expect(estimateCalibrationSlope(...arrays(exactly(0.3, 1.8)))).toBeCloseTo(1.8, 9);
    expect(calibrationIntercept(...arrays(exactly(-1.25, 1)))).toBeCloseTo(-1.25, 9);
  });

  it('finds the intercept however wrong or uneven the scores are', () => {
    const score = fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(0, 1, 1e-12, 1 - 1e-12, 1e-300),
    );
    fc.assert(
      fc.property(rowsOf(score), (rows) => {
        const [scores, labels, weights] = arrays(rows);
        fc.pre(labels.includes(0) && labels.includes(1));
        const shift = calibrationIntercept(scores, labels, weights);
        const clipped = (p: number) => Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, p));
        const mean = (of: (row: Row) => number) =>
          rows.reduce((sum, row) => sum + row.weight * of(row), 0) /
          rows.reduce((sum, row) => sum + row.weight, 0);
        expect(mean((row) => expit(shift + logit(clipped(row.score))))).toBeCloseTo(
          mean((row) => row.label),
          10,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('says why there is no slope', () => {
    const slopeOf = (rows: Row[]) => evaluateScores(...arrays(rows), 0.5).calibrationSlope;
    expect(slopeOf([0, 1, 1].map((label) => ({ score: 0.3, label, weight: 1 })))).toBe('one-score');
    expect(slopeOf([0.1, 0.2].map((score) => ({ score, label: 0, weight: 1 })))).toBe('one-class');
    const separated = [0.1, 0.2, 0.8, 0.9].map((score) => ({ score, label: score > 0.5 ? 1 : 0, weight: 1 }));
    expect(slopeOf(separated)).toBe('separated');
  });
});
