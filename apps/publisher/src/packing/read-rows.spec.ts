import { encodeDataset, encodeScores } from '@factory/dataset';
import { MARKS, compareBytes, rowsOf, type Column, type Dataset } from '@factory/domain';
import { buildGoldenRows, buildPercentiles, NetworkModel } from '@factory/model';
import { fitTransform } from '@factory/normalisation';
import { sha256Of, type ByteSource } from '@factory/object-store';
import fc from 'fast-check';
import { readGoldenValues, readJudgedScores } from './read-rows';

const SEED = 9;
const refOf = (bytes: Uint8Array) => ({ key: 'x', sha256: sha256Of(bytes), bytes: bytes.length });

function sourceOf(bytes: Uint8Array): ByteSource {
  let at = 0;
  return {
    read: (into) => {
      const part = bytes.subarray(at, at + into.length);
      into.set(part);
      at += part.length;
      return part.length;
    },
  };
}

/** Marks, unknowns and levels by the numbers given, over and over. */
function datasetOf(rows: number, draws: readonly number[], features: number): Dataset {
  const draw = (row: number, column: number) =>
    ((draws[(row + column) % draws.length] ?? 0) * (row + 7) + column) % 1009;
  const columns = Array.from({ length: features }, (_, at): Column => {
    const name = at === 0 ? 'constructor' : `c${at}`;
    if (at % 2 === 0) {
      const values = Float32Array.from({ length: rows }, (_, row) =>
        draw(row, at) % 5 ? draw(row, at) : NaN,
      );
      return { kind: 'number', name, values };
    }
    const codes = Int32Array.from({ length: rows }, (_, row) => (draw(row, at) % 4) - 1);
    return { kind: 'category', name, codes, levels: ['a', 'ß', '東京'].sort(compareBytes) };
  });
  const ids = Array.from({ length: rows }, (_, row) => `v${row}`);
  return {
    rows,
    features: columns,
    visitIds: ids,
    visitorIds: ids,
    visitTimes: new Float64Array(rows),
    labels: Uint8Array.from(ids, (_, row) => Number(draw(row, 3) % 3 === 0)),
    marks: Uint8Array.from(ids, (_, row) => draw(row, 5) % MARKS.length),
    weights: Float64Array.from(ids, (_, row) => 1 + (draw(row, 1) % 3)),
  };
}

function expectSame(dataset: Dataset): void {
  const train = rowsOf(dataset, 'train');
  const transform = fitTransform(dataset.features, train, { maxFeatures: 50 });
  const inputs = transform.outputs.length;
  const layer = { kernel: new Float32Array(inputs).fill(0.1), bias: Float32Array.of(0), inputs, units: 1 };
  const golden = buildGoldenRows({
    transform,
    model: new NetworkModel({ layers: [{ ...layer, activation: 'sigmoid' }] }),
    percentiles: buildPercentiles(Float64Array.of(0, 1), Float64Array.of(1, 1)),
    columns: dataset.features,
    trainRows: train,
    seed: SEED,
  });
  const bytes = encodeDataset(dataset);
  const columns = transform.features.map(({ column }) => column);
  const draw = { dataset: refOf(bytes), columns, trainRows: train.length, seed: SEED };
  expect(readGoldenValues(draw, sourceOf(bytes))).toEqual(golden.rows.map(({ row }) => row));
}

describe('golden rows of a dataset that is never held in memory', () => {
  it('are those drawn from all of it in memory, whatever its columns, marks and unknowns', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 300 }),
        fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 3, maxLength: 30 }),
        fc.integer({ min: 1, max: 40 }),
        (rows, draws, features) => {
          const dataset = datasetOf(rows, draws, features);
          // A constant column is dropped; without any column left there is no transform to speak of.
          fc.pre(rowsOf(dataset, 'train').length > 1 && varies(dataset));
          expectSame(dataset);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are the same where its train rows are in several batches', () => {
    expectSame(datasetOf(140_000, [3, 17, 101, 4_001, 5, 77], 20));
  });

  it('are unknown in a column that the dataset lacks', () => {
    const dataset = datasetOf(50, [3, 17, 101], 2);
    const bytes = encodeDataset(dataset);
    const trainRows = rowsOf(dataset, 'train').length;
    const draw = { dataset: refOf(bytes), columns: ['gone', 'c1'], trainRows, seed: SEED };
    const rows = readGoldenValues(draw, sourceOf(bytes));
    expect(rows).toHaveLength(64);
    for (const row of rows) expect(row['gone']).toBeNull();
    expect(rows.some((row) => row['c1'] !== null)).toBe(true);
  });

  it('are refused if the dataset has another number of train rows than was scored', () => {
    const dataset = datasetOf(50, [3, 17, 101], 2);
    const bytes = encodeDataset(dataset);
    const trainRows = rowsOf(dataset, 'train').length + 1;
    const draw = { dataset: refOf(bytes), columns: ['c1'], trainRows, seed: SEED };
    expect(() => readGoldenValues(draw, sourceOf(bytes))).toThrow(
      expect.objectContaining({ code: 'scores-of-another-dataset' }),
    );
  });
});

it('takes percentiles and the count of train rows from scores.arrow as if all of it were in memory', () => {
  const dataset = datasetOf(70_000, [3, 17, 101, 4_001], 1);
  const probabilities = Float64Array.from({ length: dataset.rows }, (_, row) => ((row * 7919) % 9973) / 9973);
  const judging = Uint8Array.from(dataset.marks, (mark) => Number(mark === MARKS.indexOf('test')));
  const none = new Float64Array(dataset.rows).fill(NaN);
  const bytes = encodeScores({
    ...dataset,
    judging,
    logits: probabilities,
    probabilities,
    championProbabilities: none,
  });
  const rows = rowsOf(dataset, 'test');
  const of = (values: Float64Array) => Float64Array.from(rows, (row) => values[row] ?? NaN);
  expect(readJudgedScores(refOf(bytes), sourceOf(bytes))).toEqual({
    percentiles: buildPercentiles(of(probabilities), of(dataset.weights)),
    trainRows: rowsOf(dataset, 'train').length,
  });
});

function varies({ features, rows }: Dataset): boolean {
  return features.some(
    (column) => column.kind === 'number' && new Set(column.values.subarray(0, rows)).size > 3,
  );
}
