import { MARKS, compareBytes, type Column, type Dataset } from '@factory/domain';
import fc from 'fast-check';

/** Text that MySQL can store: no half surrogate pairs. */
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

/** Any small dataset: unknowns, empty columns, any language. */
export const anyDataset: fc.Arbitrary<Dataset> = fc.integer({ min: 0, max: 40 }).chain((rows) => {
  const array = <T>(of: fc.Arbitrary<T>) => fc.array(of, { minLength: rows, maxLength: rows });
  return fc.record({
    rows: fc.constant(rows),
    visitIds: array(text),
    visitorIds: array(text),
    visitTimes: array(fc.integer({ min: -1e12, max: 4e12 })).map((all) => Float64Array.from(all)),
    labels: array(fc.integer({ min: 0, max: 1 })).map((all) => Uint8Array.from(all)),
    marks: array(fc.integer({ min: 0, max: MARKS.length - 1 })).map((all) => Uint8Array.from(all)),
    weights: array(fc.double({ min: 1, max: 1e4, noNaN: true })).map((all) => Float64Array.from(all)),
    halves: array(fc.integer({ min: 0, max: 1 })).map((all) => Uint8Array.from(all)),
    features: fc.tuple(
      numberColumn(rows, 'pages'),
      categoryColumn(rows, 'origin'),
      numberColumn(rows, 'Größe'),
      categoryColumn(rows, 'device'),
    ),
  });
});

/** A dataset of more than one batch, with unknowns in every feature. */
export function largeDataset(rows: number): Dataset {
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
    halves: Uint8Array.from({ length: rows }, (_, row) => row % 2),
    features: [
      { kind: 'number', name: 'pages', values: numbers },
      { kind: 'category', name: 'origin', codes, levels: ['Zürich', 'straße', '東京'].sort(compareBytes) },
      { kind: 'number', name: 'nothing', values: new Float32Array(rows).fill(Number.NaN) },
      { kind: 'category', name: 'nobody', codes: new Int32Array(rows).fill(-1), levels: [] },
    ],
  };
}

/** As datasets were before there were halves. */
export function withoutHalves(dataset: Dataset): Dataset {
  const older: { -readonly [F in keyof Dataset]: Dataset[F] } = { ...dataset };
  delete older.halves;
  return older;
}
