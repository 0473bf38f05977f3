import { Xoroshiro128Plus } from '@factory/domain';
import { NO_COLUMN } from '@factory/normalisation';
import { fitLogistic, MOST_COLUMNS, type LogisticFit } from './fit-logistic';
import cases from './fixtures/logistic.json';
import { trainingRows, vectorOf, type WrittenRows } from './spec-rows';
import type { TrainingRows } from './training-rows';

function fitted(rows: TrainingRows, c = 1): LogisticFit {
  const fit = fitLogistic(rows, { c });
  if (fit.state !== 'fitted') throw new Error(fit.state);
  return fit;
}

function expectSame(found: LogisticFit, wanted: { weights: ArrayLike<number>; intercept: number }): void {
  const gap = Math.max(
    Math.abs(found.intercept - wanted.intercept),
    ...Array.from(found.weights, (weight, at) => Math.abs(weight - wanted.weights[at]!)),
  );
  expect(gap).toBeLessThan(1e-6);
}

/** Worked out by scikit-learn: tools/fixtures/logistic.py. */
describe.each(cases)('coefficients of scikit-learn: $name', ({ fits, ...rows }) => {
  it.each(fits)('C = $c', ({ c, ...wanted }) => {
    const found = fitted(trainingRows(rows), c);
    expect(found.weights).toHaveLength(wanted.weights.length);
    expectSame(found, wanted);
  });
});

/** Numbers that depend on each other, two categories with unknown values, goals in one row of nine. */
function drawnRows(rows: number, columns: number, seed: number): WrittenRows {
  const random = new Xoroshiro128Plus(seed);
  const uniform = () => random.int32() / 2 ** 32 + 0.5;
  const levels = [6, 20];
  const dense = Array.from({ length: rows }, () => {
    const shared = 4 * uniform() - 2;
    return Array.from({ length: columns }, (_, at) => Math.fround(shared / (at + 1) + 2 * uniform() - 1));
  });
  const codes = dense.map(() =>
    levels.map((count, group) =>
      uniform() < 0.1 ? NO_COLUMN : 6 * group + Math.floor(count * uniform() ** 2),
    ),
  );
  const labels = dense.map((row, at) => {
    const logit = row[0]! - (row[1] ?? 0) + (codes[at]![0] === 1 ? 1 : 0) - 2.4;
    return uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  });
  return { dense, codes, levels, labels };
}

/** Largest derivative of c x sum of log-losses + |weights|^2 / 2, by its definition. */
function largestDerivative(rows: WrittenRows, { weights, intercept }: LogisticFit, c: number): number {
  const gradient = [0, ...weights];
  rows.labels.forEach((label, row) => {
    const vector = [1, ...vectorOf(rows, row)];
    const logit = vector.reduce((sum, value, at) => sum + value * [intercept, ...weights][at]!, 0);
    const error = c * (1 / (1 + Math.exp(-logit)) - label);
    vector.forEach((value, at) => (gradient[at] = gradient[at]! + error * value));
  });
  return Math.max(...gradient.map(Math.abs));
}

describe('the minimum', () => {
  it.each([
    [50, 3, 1, 1],
    [400, 1, 2, 0.01],
    [400, 12, 3, 1],
    [400, 12, 4, 1000],
    [60, 90, 5, 1],
  ])('has no slope: %i rows, %i numbers, seed %i, C = %d', (count, columns, seed, c) => {
    const rows = drawnRows(count, columns, seed);
    expect(largestDerivative(rows, fitted(trainingRows(rows), c), c)).toBeLessThan(1e-5);
  });

  it('depends neither on the order of rows nor on the size of blocks', () => {
    const rows = drawnRows(500, 5, 6);
    const once = fitted(trainingRows(rows));
    const backwards = Object.fromEntries(
      Object.entries(rows).map(([name, list]) => [name, name === 'levels' ? list : [...list].reverse()]),
    ) as unknown as WrittenRows;
    expectSame(fitted(trainingRows(backwards)), once);
    for (const blockRows of [1, 7, 128, 129, 500]) expectSame(fitted(trainingRows(rows, blockRows)), once);
  });

  it('is the same to the bit for the same rows in the same blocks', () => {
    const rows = drawnRows(500, 5, 7);
    expect(fitted(trainingRows(rows))).toEqual(fitted(trainingRows(rows)));
  });

  it('is where each row counts twice at half the C', () => {
    const rows = drawnRows(300, 4, 8);
    const twice: WrittenRows = {
      dense: [...rows.dense, ...rows.dense],
      codes: [...rows.codes, ...rows.codes],
      levels: rows.levels,
      labels: [...rows.labels, ...rows.labels],
    };
    expectSame(fitted(trainingRows(twice), 0.5), fitted(trainingRows(rows), 1));
  });

  it('gives the goals their own share of the rows', () => {
    const rows = drawnRows(300, 4, 9);
    const { weights, intercept } = fitted(trainingRows(rows));
    const mean =
      rows.labels.reduce((sum, _, row) => {
        const logit = vectorOf(rows, row).reduce((of, value, at) => of + value * weights[at]!, intercept);
        return sum + 1 / (1 + Math.exp(-logit));
      }, 0) / rows.labels.length;
    expect(mean).toBeCloseTo(rows.labels.reduce((sum, label) => sum + label, 0) / rows.labels.length, 7);
  });
});

describe('many rows', () => {
  const rows = drawnRows(36_000, 4, 10);
  const source = trainingRows(rows, 1000);

  it('are fitted from samples first, and then exactly', () => {
    const passes = new Map<number, number>();
    const counted: TrainingRows = {
      ...source,
      blocks: (step) => {
        passes.set(step, (passes.get(step) ?? 0) + 1);
        return source.blocks(step);
      },
    };
    const found = fitted(counted);
    expect(largestDerivative(rows, found, 1)).toBeLessThan(1e-4);
    expect(found.iterations).toBeLessThanOrEqual(10);
    expect(passes.get(1)).toBeLessThanOrEqual(12);
    expect(passes.size).toBeGreaterThan(1);
  });

  it('are fitted where a sample holds one class only', () => {
    const labels = rows.labels.map((_, row) => (row % 7 === 1 ? 1 : 0));
    const few = { ...source, goals: labels.filter((label) => label === 1).length };
    const regular: TrainingRows = {
      ...few,
      *blocks(step) {
        let from = 0;
        for (const block of source.blocks(step)) {
          const at = from;
          const own = Uint8Array.from({ length: block.rows }, (_, row) => labels[(at + row) * step]!);
          yield { ...block, labels: own };
          from += block.rows;
        }
      },
    };
    expect(largestDerivative({ ...rows, labels }, fitted(regular), 1)).toBeLessThan(1e-4);
  });
});

describe('what cannot be fitted', () => {
  const rows = drawnRows(100, 2, 11);

  it.each([0, 1])('has one class: only %i', (label) => {
    const one = { ...rows, labels: rows.labels.map(() => label) };
    expect(fitLogistic(trainingRows(one))).toEqual({ state: 'one-class', iterations: 0 });
  });

  it('has too many columns', () => {
    const wide = { ...rows, dense: rows.dense.map(() => new Array<number>(MOST_COLUMNS).fill(0)) };
    expect(fitLogistic(trainingRows(wide)).state).toBe('too-wide');
  });

  it('holds what is no number', () => {
    const dense = rows.dense.map((row, at) => (at === 50 ? [NaN, 1] : row));
    expect(fitLogistic(trainingRows({ ...rows, dense })).state).toBe('not-converged');
  });
});
