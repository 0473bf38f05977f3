import { applyTransform } from './apply-transform';
import { fitTransform } from './fit-transform';
import { allRows, categories, numbers } from './spec-columns';
import { outputNames } from './transform';
import { transformWithout } from './transform-without';

const columns = [
  numbers('age', [20, 30, null, 50, 60, 71]),
  categories('page', ['a', 'b', 'c', 'd', 'e', 'a']),
  numbers('visits', [1, 2, 3, 5, 8, 13]),
];
const rows = allRows(columns);
const transform = fitTransform(columns, rows);
const outputsOf = (column: string) =>
  transform.features.filter((one) => one.column === column).flatMap(outputNames);

it('has the same values, less those of the columns', () => {
  const less = transformWithout(transform, new Set(['page']))!;
  expect(less.outputs).toEqual([...outputsOf('age'), ...outputsOf('visits')]);
  const whole = applyTransform(transform, columns, rows);
  const part = applyTransform(less, columns, rows);
  const kept = less.outputs.map((name) => transform.outputs.indexOf(name));
  rows.forEach((row) => {
    const wanted = kept.map((at) => whole.matrix[row * whole.width + at]);
    expect([...part.matrix.subarray(row * part.width, (row + 1) * part.width)]).toEqual(wanted);
  });
});

it('is nothing without its columns', () => {
  expect(transformWithout(transform, new Set(['age', 'page', 'visits']))).toBeUndefined();
});
