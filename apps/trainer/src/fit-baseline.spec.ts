import { fitLogistic } from '@factory/logistic';
import type { Column } from '@factory/domain';
import { SeededRandom } from '@factory/engines';
import { decodeModel } from '@factory/model';
import { applyTransform, denseLayout, fitTransform } from '@factory/normalisation';
import { fitBaseline } from './fit-baseline';
import type { KeptRows } from './train-rows';

/** Numbers with unknowns, a wide category and a narrow one. */
function trainRows(rows: number): KeptRows {
  const random = new SeededRandom(5, 'fit-baseline');
  const numbers = Array.from({ length: 12 }, (_, at): Column => ({
    kind: 'number',
    name: `n${at}`,
    values: Float32Array.from({ length: rows }, () => (random.fraction() < 0.02 ? NaN : random.normal())),
  }));
  const category = (name: string, levels: number): Column => ({
    kind: 'category',
    name,
    codes: Int32Array.from({ length: rows }, () => Math.floor(random.fraction() * (levels + 1)) - 1),
    levels: Array.from({ length: levels }, (_, level) => `l${level}`),
  });
  const columns = [...numbers, category('page', 9), category('device', 2)];
  const labels = Uint8Array.from({ length: rows }, (_, row) => {
    const [first] = columns;
    const value = first?.kind === 'number' ? first.values[row]! : NaN;
    return random.fraction() < 1 / (1 + Math.exp(2 - (Number.isNaN(value) ? 1 : value))) ? 1 : 0;
  });
  return { columns, labels, rows };
}

const every = (rows: number) => Uint32Array.from({ length: rows }, (_, row) => row);

it('is the fit to the transformed train rows, whatever part of them is in memory', () => {
  const train = trainRows(4_000);
  const transform = fitTransform(train.columns, every(train.rows));
  const { file, fit } = fitBaseline(train, transform, () => 0, 50_000);
  expect(fit).toEqual({ rows: train.rows, iterations: expect.any(Number), seconds: 0, converged: true });
  const { matrix } = applyTransform(transform, train.columns, every(train.rows));
  const whole = fitLogistic({
    layout: denseLayout(transform),
    rows: train.rows,
    goals: train.labels.reduce((sum, label) => sum + label, 0),
    blocks: () => [{ rows: train.rows, features: matrix, codes: new Uint16Array(0), labels: train.labels }],
  });
  if (whole.state !== 'fitted') throw new Error(whole.state);
  const model = decodeModel('logistic', file!);
  expect(model.inputs).toBe(transform.outputs.length);
  const rows = every(200);
  const { matrix: some, width } = applyTransform(transform, train.columns, rows);
  model.logits(some, 200, width).forEach((logit, row) => {
    const wanted = whole.weights.reduce(
      (sum, weight, at) => sum + weight * some[row * width + at]!,
      whole.intercept,
    );
    expect(Math.abs(logit - wanted)).toBeLessThan(1e-5);
  });
});

it('is the same bytes each time, and takes the time that passes', () => {
  const train = trainRows(3_000);
  const transform = fitTransform(train.columns, every(train.rows));
  let time = 0;
  const once = fitBaseline(train, transform, () => (time += 1500));
  expect(once.fit.seconds).toBe(1.5);
  expect(fitBaseline(train, transform, () => 0).file).toEqual(once.file);
});

it('is absent, with a word why, where it cannot be fitted', () => {
  const train = trainRows(3_000);
  const transform = fitTransform(train.columns, every(train.rows));
  const labels = new Uint8Array(train.rows);
  expect(fitBaseline({ ...train, labels }, transform, () => 0)).toEqual({
    fit: { rows: 3_000, iterations: 0, seconds: 0, converged: false, reason: 'one-class' },
  });
});
