import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { MARKS, compareBytes, type Column, type Dataset } from '@factory/domain';
import { BATCH_ROWS } from './arrow-write';
import { decodeDataset, encodeDataset } from './dataset-arrow';
import { sha256Of } from './verified';

/** Text as MySQL can hold it: no half surrogate pairs. */
const text = fc.string({ unit: 'grapheme', maxLength: 12 });

const numberColumn = (rows: number, name: string): fc.Arbitrary<Column> =>
  fc
    .array(fc.option(fc.float({ noNaN: true }), { nil: Number.NaN }), { minLength: rows, maxLength: rows })
    .map((values) => ({ kind: 'number', name, values: Float32Array.from(values) }));

const categoryColumn = (rows: number, name: string): fc.Arbitrary<Column> =>
  fc
    .tuple(fc.uniqueArray(text, { maxLength: 6 }), fc.array(fc.nat(), { minLength: rows, maxLength: rows }))
    .map(([levels, draws]) => ({
      kind: 'category',
      name,
      codes: Int32Array.from(draws, (draw) => (draw % (levels.length + 1)) - 1),
      levels: levels.sort(compareBytes),
    }));

const dataset: fc.Arbitrary<Dataset> = fc.integer({ min: 0, max: 40 }).chain((rows) => {
  const array = <T>(of: fc.Arbitrary<T>) => fc.array(of, { minLength: rows, maxLength: rows });
  return fc.record({
    rows: fc.constant(rows),
    visitIds: array(text),
    visitorIds: array(text),
    visitTimes: array(fc.integer({ min: -1e12, max: 4e12 })).map((all) => Float64Array.from(all)),
    labels: array(fc.integer({ min: 0, max: 1 })).map((all) => Uint8Array.from(all)),
    marks: array(fc.integer({ min: 0, max: MARKS.length - 1 })).map((all) => Uint8Array.from(all)),
    weights: array(fc.double({ min: 1, max: 1e4, noNaN: true })).map((all) => Float64Array.from(all)),
    features: fc.tuple(
      numberColumn(rows, 'pages'),
      categoryColumn(rows, 'origin'),
      numberColumn(rows, 'Größe'),
      categoryColumn(rows, 'device'),
    ),
  });
});

/** A dataset of more than one batch, with unknowns in every feature. */
function largeDataset(rows: number): Dataset {
  const numbers = Float32Array.from({ length: rows }, (_, row) => (row % 7 === 0 ? Number.NaN : row / 3));
  const codes = Int32Array.from({ length: rows }, (_, row) => (row % 4) - 1);
  return {
    rows,
    visitIds: Array.from({ length: rows }, (_, row) => String(row)),
    visitorIds: Array.from({ length: rows }, (_, row) => `v${row % 1000}`),
    visitTimes: Float64Array.from({ length: rows }, (_, row) => 1.7e12 + row),
    labels: Uint8Array.from({ length: rows }, (_, row) => (row % 9 === 0 ? 1 : 0)),
    marks: Uint8Array.from({ length: rows }, (_, row) => row % 4),
    weights: new Float64Array(rows).fill(12.375),
    features: [
      { kind: 'number', name: 'pages', values: numbers },
      { kind: 'category', name: 'origin', codes, levels: ['Zürich', 'straße', '東京'].sort(compareBytes) },
      { kind: 'number', name: 'nothing', values: new Float32Array(rows).fill(Number.NaN) },
      { kind: 'category', name: 'nobody', codes: new Int32Array(rows).fill(-1), levels: [] },
    ],
  };
}

describe('dataset.arrow', () => {
  it('gives back every dataset as it was: unknowns, empty columns, any language', () => {
    fc.assert(
      fc.property(dataset, (one) => {
        expect(decodeDataset(encodeDataset(one))).toEqual(one);
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same bytes for the same dataset, however often', () => {
    fc.assert(
      fc.property(dataset, (one) => {
        expect(sha256Of(encodeDataset(one))).toBe(sha256Of(encodeDataset(structuredClone(one))));
      }),
      { numRuns: 50 },
    );
  });

  it('keeps order and unknowns over batches of 65,536 rows, with one dictionary for all', () => {
    const rows = 2 * BATCH_ROWS + 77;
    const bytes = encodeDataset(largeDataset(rows));
    expect(tableFromIPC(bytes).batches.map((batch) => batch.numRows)).toEqual([BATCH_ROWS, BATCH_ROWS, 77]);
    expect(decodeDataset(bytes)).toEqual(largeDataset(rows));
  });

  it('declares its types: UTC milliseconds, float32 numbers, int32-coded text, no clock in the metadata', () => {
    const { schema } = tableFromIPC(encodeDataset(largeDataset(3)));
    expect(schema.fields.map((field) => `${field.name} ${String(field.type)} ${field.nullable}`)).toEqual([
      'visit_id Utf8 false',
      'visitor_id Utf8 false',
      'visit_time Timestamp<MILLISECOND, UTC> false',
      'label Uint8 false',
      'mark Dictionary<Int32, Utf8> false',
      'weight Float64 false',
      'pages Float32 true',
      'origin Dictionary<Int32, Utf8> true',
      'nothing Float32 true',
      'nobody Dictionary<Int32, Utf8> true',
    ]);
    expect([...schema.metadata]).toEqual([
      ['format', 'propensity-dataset'],
      ['version', '1'],
    ]);
  });

  it('refuses a feature with the name of a column of its own', () => {
    const one = {
      ...largeDataset(1),
      features: [{ kind: 'number', name: 'weight', values: new Float32Array(1) }],
    };
    expect(() => encodeDataset(one as Dataset)).toThrow(expect.objectContaining({ code: 'reserved-column' }));
  });

  it('refuses levels that are not sorted by bytes: they would not be the same bytes next time', () => {
    const unsorted: Column = { kind: 'category', name: 'a', codes: new Int32Array(1), levels: ['b', 'a'] };
    expect(() => encodeDataset({ ...largeDataset(1), features: [unsorted] })).toThrow(
      expect.objectContaining({ code: 'unsorted-levels' }),
    );
  });

  it('refuses bytes that are no Arrow file', () => {
    expect(() => decodeDataset(Buffer.from('visit_id;label\n1;0\n'))).toThrow(
      expect.objectContaining({ code: 'not-an-arrow-file' }),
    );
  });
});
