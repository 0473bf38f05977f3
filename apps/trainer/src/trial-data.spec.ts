import type { DatasetBatch } from '@factory/dataset';
import { MARKS, type Dataset, type Mark } from '@factory/domain';
import { gatherRows } from '@factory/engines';
import { applyTransform, codedLayout, fitTransform } from '@factory/normalisation';
import { matrixSizeOf, trialDataBytes } from './matrix-size';
import { buildTrialData, trialRowCount, type TrialData } from './trial-data';

const ENOUGH = 1e6;

/**
 * Visits with alternating marks, every third with the goal; a number and two categories, one of them with many
 * levels.
 */
function dataset(marks: Mark[], labels?: number[]): Dataset {
  const rows = marks.length;
  const names = marks.map((_mark, row) => `v${row}`);
  return {
    rows,
    features: [
      { kind: 'number', name: 'pages', values: Float32Array.from(names, (_name, row) => (row * 7) % 11) },
      {
        kind: 'category',
        name: 'device',
        codes: Int32Array.from(names, (_name, row) => (row >> 2) % 2),
        levels: ['app', 'web'],
      },
      {
        kind: 'category',
        name: 'origin',
        codes: Int32Array.from(names, (_name, row) => ((row * 5) % 7) - 1),
        levels: ['at', 'be', 'ch', 'de', 'es', 'fr'],
      },
    ],
    visitIds: names,
    visitorIds: names,
    visitTimes: new Float64Array(rows),
    labels: Uint8Array.from(names, (_name, row) => labels?.[row] ?? Number(row % 3 === 0)),
    marks: Uint8Array.from(marks, (mark) => MARKS.indexOf(mark)),
    weights: Float64Array.from(names, (_name, row) => 1 + row),
  };
}

const around = (rows: number) => Array.from({ length: rows }, (_unused, row) => MARKS[row % 4]!);
const rowsMarked = (source: Dataset, mark: Mark) =>
  Uint32Array.from({ length: source.rows }, (_unused, row) => row).filter(
    (row) => source.marks[row] === MARKS.indexOf(mark),
  );
/** The dataset as batches of the given number of rows, columns one at a time. */
function* batchesOf(source: Dataset, size: number): Generator<DatasetBatch> {
  for (let from = 0; from < source.rows; from += size) {
    const cut = <T extends { slice(from: number, to: number): T }>(values: T) =>
      values.slice(from, from + size);
    yield {
      rows: Math.min(size, source.rows - from),
      labels: cut(source.labels),
      marks: cut(source.marks),
      weights: cut(source.weights),
      halves: new Uint8Array(size),
      featureCount: source.features.length,
      features: source.features.map((column) => [
        column.kind === 'number'
          ? { ...column, values: cut(column.values) }
          : { ...column, codes: cut(column.codes) },
      ]),
    };
  }
}

describe('buildTrialData', () => {
  const source = dataset(around(140));
  const rows = trialRowCount(source);
  const transform = fitTransform(source.features, rowsMarked(source, 'train'));
  const build = (changes: Partial<Parameters<typeof buildTrialData>[1]> = {}, from = source, batch = 17) =>
    buildTrialData(batchesOf(from, batch), {
      transform,
      shift: -2.5,
      rows: trialRowCount(from),
      maxBytes: ENOUGH,
      ...changes,
    });
  const arraysOf = (data: TrialData) => [
    data.features,
    data.labels,
    data.weights,
    data.trainRows,
    data.validationRows,
    data.testRows,
    ...(data.oneHot ? [data.oneHot.codes, data.oneHot.columns, data.oneHot.denseColumns] : []),
  ];

  it.each(['train', 'validation', 'test'] as const)(
    'keeps features, labels and weights of the %s rows',
    (mark) => {
      const data = build();
      const original = rowsMarked(source, mark);
      const kept = { train: data.trainRows, validation: data.validationRows, test: data.testRows }[mark];
      expect(gatherRows(data, kept)).toEqual(applyTransform(transform, source.features, original).matrix);
      expect(kept).toHaveLength(original.length);
      kept.forEach((row, k) => {
        expect(data.labels[row]).toBe(source.labels[original[k]!]);
        expect(data.weights[row]).toBe(source.weights[original[k]!]);
      });
      expect(data.shift).toBe(-2.5);
    },
  );

  it('keeps a category with many levels as one code per row', () => {
    const { oneHot, width, features } = build();
    expect(oneHot!.groups).toBe(1);
    expect([...oneHot!.denseColumns]).toEqual([0, 1, 2]);
    expect(oneHot!.columns).toHaveLength(7); // six levels, and unknown
    expect(width).toBe(10);
    expect(features).toHaveLength(rows * 3);
  });

  it('is the same for any batch size', () => {
    expect(build({}, source, 1)).toEqual(build({}, source, 1000));
  });

  it.each([
    ['codes', transform],
    ['numbers alone', fitTransform(source.features.slice(0, 1), rowsMarked(source, 'train'))],
  ])(
    'leaves out out-of-time rows and stores the rest in shared memory, in exactly the announced bytes: %s',
    (_what, fitted) => {
      const data = build({ transform: fitted });
      expect(data.labels).toHaveLength(105);
      for (const array of arraysOf(data)) {
        expect(Object.prototype.toString.call(array.buffer)).toBe('[object SharedArrayBuffer]');
      }
      const bytes = arraysOf(data).reduce((sum, array) => sum + array.byteLength, 0);
      expect(bytes).toBe(trialDataBytes(matrixSizeOf(rows, codedLayout(fitted))));
    },
  );

  it('refuses a dataset above the limit, naming both figures', () => {
    const bytes = trialDataBytes(matrixSizeOf(rows, codedLayout(transform)));
    expect(() => build({ maxBytes: bytes })).not.toThrow();
    expect(() => build({ maxBytes: bytes - 1 })).toThrow(
      expect.objectContaining({
        code: 'dataset-too-large',
        message: expect.stringMatching(new RegExp(`${bytes}.*MAX_DATASET_BYTES \\(now ${bytes - 1}\\)`)),
      }),
    );
  });

  it.each([rows - 1, rows + 1])(
    'refuses a dataset with another number of rows than planned: %p',
    (planned) => {
      expect(() => build({ rows: planned })).toThrow(expect.objectContaining({ code: 'unexpected-rows' }));
    },
  );

  it('leaves out train and validation rows before a start, and no test row', () => {
    const times = Float64Array.from(source.labels, (_label, row) => row);
    const timed = [...batchesOf(source, 17)];
    let first = 0;
    const batches = timed.map((batch) => {
      const visitTimes = times.subarray(first, (first += batch.rows));
      return { ...batch, visits: () => ({ visitTimes }) };
    });
    const from = 70;
    const kept = (['train', 'validation', 'test'] as const).map((mark) =>
      rowsMarked(source, mark).filter((row) => mark === 'test' || row >= from),
    );
    const data = buildTrialData(batches as unknown as Parameters<typeof buildTrialData>[0], {
      ...{ transform, shift: -2.5, maxBytes: ENOUGH, trainFromMs: from },
      rows: kept.reduce((sum, some) => sum + some.length, 0),
    });
    const found = [data.trainRows, data.validationRows, data.testRows];
    expect(found.map((some) => some.length)).toEqual(kept.map((some) => some.length));
    kept.forEach((original, at) =>
      expect(gatherRows(data, found[at]!)).toEqual(
        applyTransform(transform, source.features, original).matrix,
      ),
    );
  });

  it.each([
    ['a part is empty', around(40).map((mark) => (mark === 'test' ? 'train' : mark)), undefined],
    ['a part has no goal', around(40), around(40).map((mark) => Number(mark === 'train' || mark === 'test'))],
    ['all are goals', around(40), around(40).map(() => 1)],
  ])('ends the run as skipped when %s', (_case, marks, labels) => {
    expect(() => build({}, dataset(marks, labels))).toThrow(
      expect.objectContaining({ code: 'nothing-to-learn' }),
    );
  });
});
