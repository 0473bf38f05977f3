import { mostDatasetRows, type DatasetBatch } from '@factory/dataset';
import { MARKS, type Column } from '@factory/domain';
import { collectTrainRows, fitBytes, trainRowBytes } from './train-rows';

/** Four rows, one of each mark; x counts on from batch to batch. */
function batch(from: number): DatasetBatch {
  const columns: Column[] = [
    { kind: 'number', name: 'x', values: Float32Array.of(from, from + 1, from + 2, from + 3) },
    { kind: 'category', name: 'c', codes: Int32Array.of(0, 1, -1, 0), levels: ['a', 'b'] },
  ];
  return {
    rows: MARKS.length,
    labels: Uint8Array.of(from === 4 ? 1 : 0, 0, 1, 0),
    marks: Uint8Array.from(MARKS.keys()),
    weights: new Float64Array(MARKS.length),
    halves: new Uint8Array(MARKS.length),
    featureCount: columns.length,
    features: [columns],
  };
}
const batches = () => [batch(0), batch(4), batch(8)];
const FILE_BYTES = 1000;

it('keeps train and validation rows of every batch, and counts the rows that trials will share', () => {
  const { columns, labels, rows, trialRows, validation } = collectTrainRows(batches(), {
    bytes: FILE_BYTES,
    maxBytes: 1000,
  });
  expect({ rows, trialRows }).toEqual({ rows: 3, trialRows: 9 });
  expect(validation).toEqual({
    columns: [
      { kind: 'number', name: 'x', values: Float32Array.of(1, 5, 9) },
      { kind: 'category', name: 'c', codes: Int32Array.of(1, 1, 1), levels: ['a', 'b'] },
    ],
    labels: Uint8Array.of(0, 0, 0),
    rows: 3,
  });
  expect(labels).toEqual(Uint8Array.of(0, 1, 0));
  expect(columns).toEqual([
    { kind: 'number', name: 'x', values: Float32Array.of(0, 4, 8) },
    { kind: 'category', name: 'c', codes: Int32Array.of(0, 0, 0), levels: ['a', 'b'] },
  ]);
});

it('counts the rows of shorter windows: train and validation rows from their start on, and every test row', () => {
  const timed = batches().map((one, at) => ({
    ...one,
    visits: () => ({ visitTimes: Float64Array.of(1, 2, 3, 4).map((time) => time + 4 * at) }),
  }));
  const { trialRows, shorterRows } = collectTrainRows(timed as Parameters<typeof collectTrainRows>[0], {
    ...{ bytes: FILE_BYTES, maxBytes: 1000 },
    startsMs: [0, 5, 6, 100],
  });
  expect({ trialRows, shorterRows }).toEqual({ trialRows: 9, shorterRows: [9, 7, 6, 3] });
});

it('refuses the row that would not fit, before it is stored', () => {
  const needed = 6 * trainRowBytes(2);
  const collect = (maxBytes: number) => collectTrainRows(batches(), { bytes: FILE_BYTES, maxBytes });
  expect(collect(needed).rows).toBe(3);
  expect(() => collect(needed - 1)).toThrow(
    expect.objectContaining({
      code: 'dataset-too-large',
      refusal: expect.objectContaining({ field: 'trainRows.bytes', value: needed }),
    }),
  );
});

it('keeps at most so many validation rows, from all of the dataset', () => {
  const rows = 65_536;
  const large = (from: number): DatasetBatch => ({
    rows,
    labels: new Uint8Array(rows),
    marks: new Uint8Array(rows).fill(MARKS.indexOf('validation')),
    weights: new Float64Array(rows),
    halves: new Uint8Array(rows),
    featureCount: 1,
    features: [
      [{ kind: 'number', name: 'x', values: Float32Array.from({ length: rows }, (_, row) => from + row) }],
    ],
  });
  const bytes = 100_000_000;
  const { validation } = collectTrainRows([large(0), large(rows)], { bytes, maxBytes: bytes });
  const step = Math.ceil((mostDatasetRows(bytes, 1) * 0.16) / 50_000);
  expect(step).toBeGreaterThan(2);
  expect(validation.rows).toBe(Math.ceil((2 * rows) / step));
  const [column] = validation.columns;
  expect(column?.kind === 'number' && [...column.values.subarray(0, 2), column.values.at(-1)]).toEqual([
    0,
    step,
    step * (validation.rows - 1),
  ]);
});

it.each([0, 1, 100, 2000])('never underestimates: at most all rows of a file of %i columns', (features) => {
  const bytes = 1_000_000;
  const stated = fitBytes({ bytes }, Infinity);
  expect(mostDatasetRows(bytes, features) * trainRowBytes(features)).toBeLessThanOrEqual(stated);
});
