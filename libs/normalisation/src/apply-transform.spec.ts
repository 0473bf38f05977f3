import type { Column, RawRow } from '@factory/domain';
import fc from 'fast-check';
import { applyTransform } from './apply-transform';
import { fitTransform } from './fit-transform';
import { invertVector } from './invert-vector';
import { allRows, categories, numbers } from './spec-columns';
import type { Transform } from './transform';
import { transformRow, type OnFinding } from './transform-row';

const times = <T>(make: (row: number) => T, length = 200): T[] =>
  Array.from({ length }, (_, row) => make(row));
const fitted = [
  numbers(
    'age',
    times((row) => (row % 7 ? 18 + (row % 50) + 0.1 : null)),
  ),
  numbers(
    'visits',
    times((row) => (row % 6 ? 0 : row)),
  ),
  categories(
    'device',
    times((row) => ['phone', 'tablet', null][row % 3] ?? null),
  ),
  categories(
    'page',
    times((row) => `page-${row % 60}`),
  ),
  numbers(
    'flag',
    times((row) => (row % 2 ? 3 : null)),
  ),
];
const transform = fitTransform(fitted, allRows(fitted));

function rawRow(columns: readonly Column[], row: number): RawRow {
  return Object.fromEntries(
    columns.map((column) => [
      column.name,
      column.kind === 'number' ? column.values[row] : column.levels[column.codes[row] ?? -1],
    ]),
  );
}

/** Bits, so that NaN and -0 count. */
function bits(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

const anyNumber = fc.option(fc.float(), { nil: null });
const anyRows = fc.array(
  fc.record({
    age: anyNumber,
    visits: anyNumber,
    device: fc.constantFrom('phone', 'tablet', 'watch', '', null),
    page: fc.constantFrom('page-1', 'page-58', 'page-59', 'page-999', null),
    flag: anyNumber,
  }),
  { minLength: 1, maxLength: 20 },
);

describe('applying a transform', () => {
  it('gives the same bits for a row as for columns, including unknown and unseen values', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const columns = [
          categories(
            'page',
            rows.map(({ page }) => page),
          ),
          numbers(
            'flag',
            rows.map(({ flag }) => flag),
          ),
          numbers(
            'age',
            rows.map(({ age }) => age),
          ),
          categories(
            'device',
            rows.map(({ device }) => device),
          ),
          numbers(
            'visits',
            rows.map(({ visits }) => visits),
          ),
        ];
        const { matrix, width, unseen } = applyTransform(transform, columns, allRows(columns));
        const counted: Record<string, number> = {};
        rows.forEach((_, row) => {
          const vector = transformRow(transform, rawRow(columns, row), (column, finding) => {
            if (finding === 'unseen') counted[column] = (counted[column] ?? 0) + 1;
          });
          expect(bits(matrix.slice(row * width, (row + 1) * width))).toEqual(bits(vector));
        });
        expect(counted).toEqual(unseen);
      }),
    );
  });

  it('gives only finite values within the clip, for any input', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        for (const row of rows) {
          expect(transformRow(transform, row).every((value) => Math.abs(value) <= 10)).toBe(true);
        }
      }),
    );
  });

  it('writes the chosen rows, in their order, overwriting the given memory', () => {
    const width = transform.outputs.length;
    const into = new Float32Array(new SharedArrayBuffer(4 * (3 * width + 5))).fill(9);
    const whole = applyTransform(transform, fitted, allRows(fitted)).matrix;
    applyTransform(transform, fitted, Uint32Array.of(150, 3, 3), into);
    for (const [place, row] of [150, 3, 3].entries()) {
      expect([...into.subarray(place * width, (place + 1) * width)]).toEqual([
        ...whole.subarray(row * width, (row + 1) * width),
      ]);
    }
    expect([...into.subarray(3 * width)]).toEqual([9, 9, 9, 9, 9]);
    expect(() => applyTransform(transform, fitted, allRows(fitted), into)).toThrow(/give space for 200 rows/);
  });

  it('treats a column that the dataset lacks as unknown', () => {
    const { matrix, unseen } = applyTransform(transform, [], Uint32Array.of(0));
    expect(matrix).toEqual(transformRow(transform, {}));
    expect(unseen).toEqual({});
    const set = transform.outputs.filter((_, index) => matrix[index] === 1);
    expect(set).toEqual(['age__missing', 'device__missing', 'flag__missing']);
  });

  it('gives zeros for an unseen level and counts it; a rare level becomes other', () => {
    const columns = [categories('page', ['page-999', 'page-59', 'page-0'])];
    const { matrix, width, unseen } = applyTransform(transform, columns, allRows(columns));
    const pages = transform.outputs.flatMap((name, index) => (name.startsWith('page') ? [index] : []));
    const ones = [0, 1, 2].map((row) =>
      pages.filter((index) => matrix[row * width + index] === 1).map((index) => transform.outputs[index]),
    );
    expect(ones).toEqual([[], ['page__other'], ['page=page-0']]);
    expect(unseen).toEqual({ page: 1 });
  });

  it('reads numbers written as text, and counts text that is not a number as unseen', () => {
    const unseen: string[] = [];
    const note: OnFinding = (column, finding) => void (finding === 'unseen' && unseen.push(column));
    expect(transformRow(transform, { age: ' 31.1 ' }, note)).toEqual(
      transformRow(transform, { age: 31.1 }, note),
    );
    expect(transformRow(transform, { age: '' }, note)).toEqual(transformRow(transform, {}, note));
    expect(unseen).toEqual([]);
    expect(transformRow(transform, { age: 'old' }, note)).toEqual(transformRow(transform, {}, note));
    expect(unseen).toEqual(['age']);
  });

  it('reads a column whose kind has changed since the fit', () => {
    const asText = categories('age', ['31.5', null, 'old']);
    const byText = applyTransform(transform, [asText], allRows([asText]));
    const asNumbers = numbers('age', [31.5, null, null]);
    expect(byText.matrix).toEqual(applyTransform(transform, [asNumbers], allRows([asNumbers])).matrix);
    expect(byText.unseen).toEqual({ age: 1 });

    const codes = categories(
      'code',
      times((row) => String(row % 3 ? 0.1 : 2)),
    );
    const coded = fitTransform([codes], allRows([codes]));
    const changed = numbers('code', [0.1, 2, 7, null]);
    const { matrix, unseen } = applyTransform(coded, [changed], allRows([changed]));
    expect(coded.outputs).toEqual(['code=0.1', 'code=2']);
    expect([...matrix]).toEqual([1, 0, 0, 1, 0, 0, 0, 0]);
    expect(unseen).toEqual({ code: 1 });
  });
});

describe('the inverse', () => {
  it('restores what is defined: numbers within the clip to float32, levels, and unknown values', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -90, max: 170, noNaN: true }),
        fc.constantFrom('phone', 'tablet', null),
        fc.constantFrom('page-0', 'page-20'),
        (age, device, page) => {
          const row = invertVector(
            transform,
            transformRow(transform, { age, visits: 12, device, page, flag: 3 }),
          );
          expect(row).toMatchObject({ device, page, flag: 3 });
          expect(Math.abs(Number(row.age) - age)).toBeLessThan(1e-4);
          expect(row.visits).toBeCloseTo(12, 4);
        },
      ),
    );
  });

  it('has no value where the vector has no information', () => {
    const row = invertVector(transform, transformRow(transform, { page: 'page-59', device: 'watch' }));
    expect(row).toEqual({ age: null, visits: expect.closeTo(0, 5), flag: null });
  });

  it('stops at the clip', () => {
    const age = transform.features[0] as Extract<Transform['features'][number], { kind: 'number' }>;
    const row = invertVector(transform, transformRow(transform, { age: 1e9 }));
    expect(row.age).toBeCloseTo(age.mean + 10 * age.deviation, 3);
  });
});
