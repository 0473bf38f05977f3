import { LogisticModel } from '@factory/model';
import type { Column } from '@factory/domain';
import { applyLayout, applyTransform, fitTransform } from '@factory/normalisation';
import { batchPredictorOf } from './batch-predictor';
import { availableKernels, loadKernel } from './load-kernel';
import { LogisticPredictor } from './logistic-predictor';

const ROWS = 400;
const columns: readonly Column[] = [
  {
    kind: 'number',
    name: 'x',
    values: Float32Array.from({ length: ROWS }, (_, row) => (row % 9 ? row % 37 : NaN)),
  },
  {
    kind: 'category',
    name: 'page',
    codes: Int32Array.from({ length: ROWS }, (_, row) => (row % 8) - 1),
    levels: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
  },
  {
    kind: 'category',
    name: 'device',
    codes: Int32Array.from({ length: ROWS }, (_, row) => row % 2),
    levels: ['p', 't'],
  },
];
const every = Uint32Array.from({ length: ROWS }, (_, row) => row);
// Rows from 300 on have a page that training never saw.
const transform = fitTransform(
  columns.map((column) => (column.name === 'page' ? pageWithout(column, 'g') : column)),
  every.subarray(0, 300),
);

function pageWithout(column: Column, level: string): Column {
  if (column.kind !== 'category') return column;
  const at = column.levels.indexOf(level);
  return { ...column, codes: column.codes.map((code) => (code === at ? 0 : code)) };
}

it('gives the logits of the model, for numbers, categories, unknown and unseen values', () => {
  const weights = Float64Array.from(transform.outputs, (_, at) => Math.sin(at + 1));
  const model = new LogisticModel({ weights, intercept: -1.5 });
  const predictor = batchPredictorOf(model, transform, loadKernel(availableKernels()[0]!).build);
  expect(predictor).toBeInstanceOf(LogisticPredictor);
  const { layout } = predictor;
  expect(layout.groups).toHaveLength(1);
  const features = new Float32Array(ROWS * layout.denseColumns.length);
  const codes = new Uint16Array(ROWS * layout.groups.length);
  const unseen = applyLayout(transform, layout, columns, every, { features, codes });
  expect(unseen).toEqual({ page: ROWS / 8 });
  const { matrix, width } = applyTransform(transform, columns, every);
  const found = predictor.predict(features, codes, ROWS);
  model.logits(matrix, ROWS, width).forEach((logit, row) => expect(found[row]).toBeCloseTo(logit, 12));
});
