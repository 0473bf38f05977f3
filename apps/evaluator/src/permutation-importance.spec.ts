import { MARKS, sigmoid, Xoroshiro128Plus, type Column, type Dataset } from '@factory/domain';
import { decodeDataset, encodeDataset, readDatasetBatches } from '@factory/dataset';
import { NetworkModel } from '@factory/model';
import { fitTransform } from '@factory/normalisation';
import { readVerified } from '@factory/object-store';
import { loadKernel } from '@factory/training-kernel';
import { permutationImportance, rowsForImportance } from './permutation-importance';
import { RowSample, takeRows } from './row-sample';
import { refOf, sourceOf } from './spec-judgement';

const ROWS = 1_500;
const random = new Xoroshiro128Plus(3);
const uniform = () => (random.int32() >>> 0) / 2 ** 32;
const used = Float32Array.from({ length: ROWS }, () => 4 * uniform() - 2);
const unused = Float32Array.from({ length: ROWS }, uniform);
const columns: Column[] = [
  { kind: 'number', name: 'unused', values: unused },
  { kind: 'number', name: 'used', values: used },
  {
    kind: 'category',
    name: 'level',
    codes: Int32Array.from(used, () => Math.floor(3 * uniform()) - 1),
    levels: ['a', 'b'],
  },
];
const labels = Uint8Array.from(used, (value) => Number(uniform() < sigmoid(1.5 * value - 1)));
const weights = Float64Array.from(labels, (label) => (label === 1 ? 1 : 3));
const every = Uint32Array.from(labels, (_, row) => row);
const transform = fitTransform(columns, every);
const { build: kernel } = loadKernel();

/** Logit = 1.5 x the scaled column - 1; nothing of the others. */
const reads = transform.outputs.findIndex((name) => name === 'used');
const model = new NetworkModel({
  layers: [
    {
      kernel: Float32Array.from(transform.outputs, (_, at) => (at === reads ? 1.5 : 0)),
      bias: Float32Array.of(-1),
      inputs: transform.outputs.length,
      units: 1,
      activation: 'sigmoid',
    },
  ],
});

describe('permutation importance', () => {
  const found = permutationImportance({ model, transform }, { columns, labels, weights }, kernel);

  it('is 0 for columns that the model does not use, and names the one that it does first', () => {
    expect(found.map(({ column }) => column)).toEqual(['used', 'unused', 'level']);
    expect(found.slice(1).map(({ increase }) => increase)).toEqual([0, 0]);
  });

  it('is the mean over all exchanges', () => {
    const feature = transform.features.find(({ column }) => column === 'used');
    if (feature?.kind !== 'number') throw new Error('no number');
    const logits = Float64Array.from(used, (value) => 1.5 * ((value - feature.mean) / feature.deviation) - 1);
    const lossOf = (row: number, from: number) =>
      Math.log1p(Math.exp((labels[row] === 1 ? -1 : 1) * (logits[from] ?? 0)));
    let [exchanged, own, weight] = [0, 0, 0];
    for (let row = 0; row < ROWS; row++) {
      let sum = 0;
      for (let from = 0; from < ROWS; from++) sum += lossOf(row, from);
      exchanged += ((weights[row] ?? 0) * sum) / ROWS;
      own += (weights[row] ?? 0) * lossOf(row, row);
      weight += weights[row] ?? 0;
    }
    const expected = (exchanged - own) / weight;
    // Rows in another order are exchanged with others: the mean over many orders has little noise.
    const orders = Array.from({ length: 16 }, (_, by) => every.map((row) => (row * 7 + by * 31) % ROWS));
    const increases = orders.map((order) => {
      const rows = {
        columns: columns.map((column) => takeRows(column, order)),
        labels: labels.map((_, at) => labels[order[at] ?? 0] ?? 0),
        weights: weights.map((_, at) => weights[order[at] ?? 0] ?? 0),
      };
      return permutationImportance({ model, transform }, rows, kernel)[0]?.increase ?? NaN;
    });
    const mean = increases.reduce((sum, one) => sum + one, 0) / increases.length;
    expect(Math.abs(mean / expected - 1)).toBeLessThan(0.03);
  });

  it('is the same each time', () => {
    expect(permutationImportance({ model, transform }, { columns, labels, weights }, kernel)).toEqual(found);
  });

  it('takes fewer rows of wider models, and never too few', () => {
    expect([1, 100, 400, 5_000].map(rowsForImportance)).toEqual([2_000, 2_000, 625, 200]);
  });
});

describe('a sample of rows', () => {
  const marks = Uint8Array.from(labels, (_, row) => row % MARKS.length);
  const ids = Array.from(labels, (_, row) => `v${String(row).padStart(5, '0')}`);
  const dataset: Dataset = {
    rows: ROWS,
    features: columns,
    visitIds: ids,
    visitorIds: ids,
    visitTimes: new Float64Array(ROWS),
    labels,
    marks,
    weights,
  };
  const bytes = encodeDataset(dataset);
  const sampled = (most: number) => {
    const test = marks.filter((mark) => MARKS[mark] === 'test').length;
    const sample = new RowSample(most, { test });
    let first = 0;
    return readVerified(sourceOf(bytes), refOf(bytes), (sized) => {
      for (const batch of readDatasetBatches(sized)) {
        sample.begin(batch, first);
        for (const some of batch.features) sample.add(some);
        first += batch.rows;
      }
      return sample.finish();
    });
  };

  it('holds every row of its parts where there are few, with their values', () => {
    const { rows, columns: kept } = sampled(10_000);
    expect([...rows]).toEqual([...every].filter((row) => MARKS[marks[row]!] === 'test'));
    const whole = decodeDataset(bytes).features;
    kept.forEach((column, at) => {
      const of = whole[at]!;
      expect(column.name).toBe(of.name);
      const valueOf = (one: Column, row: number) =>
        one.kind === 'number' ? one.values[row] : one.levels[one.codes[row] ?? -1];
      rows.forEach((row, k) => expect(valueOf(column, k)).toEqual(valueOf(of, row)));
    });
  });

  it('holds about as many as were asked for, the same each time', () => {
    const { rows } = sampled(100);
    expect(rows.length).toBeGreaterThan(70);
    expect(rows.length).toBeLessThan(130);
    expect(sampled(100).rows).toEqual(rows);
  });
});
