import { MARKS, type Dataset, type Mark } from '@factory/domain';
import { applyTransform, fitTransform } from '@factory/normalisation';
import { buildTrialData, trialDataBytes, trialRowCount } from './trial-data';

const ENOUGH = 1e6;

/** Visits whose marks go round, every third a goal; one number and one category column. */
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
        codes: Int32Array.from(names, (_name, row) => row % 2),
        levels: ['app', 'web'],
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

describe('buildTrialData', () => {
  const source = dataset(around(40));
  const transform = fitTransform(source.features, rowsMarked(source, 'train'));

  it.each(['train', 'validation', 'test'] as const)(
    'keeps features, labels and weights of the %s rows',
    (mark) => {
      const data = buildTrialData(source, transform, -2.5, ENOUGH);
      const original = rowsMarked(source, mark);
      const rows = { train: data.trainRows, validation: data.validationRows, test: data.testRows }[mark];
      const expected = applyTransform(transform, source.features, original);
      expect(rows).toHaveLength(original.length);
      rows.forEach((row, k) => {
        expect(data.features.slice(row * data.width, (row + 1) * data.width)).toEqual(
          expected.matrix.slice(k * data.width, (k + 1) * data.width),
        );
        expect(data.labels[row]).toBe(source.labels[original[k]!]);
        expect(data.weights[row]).toBe(source.weights[original[k]!]);
      });
      expect(data.shift).toBe(-2.5);
    },
  );

  it('leaves out-of-time rows out and puts the rest where all threads see it, in the bytes it announced', () => {
    const data = buildTrialData(source, transform, 0, ENOUGH);
    expect(data.labels).toHaveLength(30);
    const arrays = [
      data.features,
      data.labels,
      data.weights,
      data.trainRows,
      data.validationRows,
      data.testRows,
    ];
    arrays.forEach((array) =>
      expect(Object.prototype.toString.call(array.buffer)).toBe('[object SharedArrayBuffer]'),
    );
    const bytes = arrays.reduce((sum, array) => sum + array.byteLength, 0);
    expect(bytes).toBe(trialDataBytes(trialRowCount(source), data.width));
  });

  it('refuses a dataset above the limit, naming both figures', () => {
    const bytes = trialDataBytes(30, transform.outputs.length);
    expect(() => buildTrialData(source, transform, 0, bytes)).not.toThrow();
    expect(() => buildTrialData(source, transform, 0, bytes - 1)).toThrow(
      expect.objectContaining({
        code: 'dataset-too-large',
        message: expect.stringMatching(new RegExp(`${bytes}.*maxDatasetBytes \\(now ${bytes - 1}\\)`)),
      }),
    );
  });

  it.each([
    ['a part is empty', around(40).map((mark) => (mark === 'test' ? 'train' : mark)), undefined],
    [
      'a part holds no goal',
      around(40),
      around(40).map((mark) => Number(mark === 'train' || mark === 'test')),
    ],
    ['all are goals', around(40), around(40).map(() => 1)],
  ])('ends the run as skipped when %s', (_case, marks, labels) => {
    expect(() => buildTrialData(dataset(marks, labels), transform, 0, ENOUGH)).toThrow(
      expect.objectContaining({ code: 'nothing-to-learn' }),
    );
  });
});
