import { type Column, compareBytes } from '@factory/domain';
import fc from 'fast-check';
import { applyLayout, applyTransform } from './apply-transform';
import { fitTransform } from './fit-transform';
import { CODES_FROM_OUTPUTS, NO_COLUMN, codedLayout } from './matrix-layout';
import { allRows, categories, numbers } from './spec-columns';
import type { Transform } from './transform';

/** Applies a transform with codes and expands them again. */
function expanded(transform: Transform, columns: readonly Column[], rows: Uint32Array) {
  const layout = codedLayout(transform);
  const groups = layout.groups.length;
  const stride = layout.denseColumns.length;
  // The previous content must not remain visible.
  const into = {
    features: new Float32Array(rows.length * stride).fill(9),
    codes: new Uint16Array(rows.length * groups).fill(9),
  };
  const unseen = applyLayout(transform, layout, columns, rows, into);
  const matrix = new Float32Array(rows.length * layout.width);
  rows.forEach((_, row) => {
    layout.denseColumns.forEach((output, at) => {
      matrix[row * layout.width + output] = into.features[row * stride + at]!;
    });
    for (const code of into.codes.subarray(row * groups, (row + 1) * groups)) {
      if (code !== NO_COLUMN) matrix[row * layout.width + layout.codedColumns[code]!] = 1;
    }
  });
  return { matrix, unseen, layout };
}

const bits = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);

const ROWS = 60;
const LEVELS = ['', '-3', '0.5', 'a', 'b', 'c', 'd', 'é', 'z'].sort(compareBytes);
const level = fc.option(fc.constantFrom(...LEVELS, ...LEVELS.slice(3, 5)), { nil: null });
const number = fc.option(fc.oneof(fc.constantFrom(0, 0.5, -3), fc.float({ noNaN: true })), { nil: null });
const valuesOf = <T>(of: fc.Arbitrary<T>, length: number) =>
  fc.array(of, { minLength: length, maxLength: length });
/** Columns p, q and so on, each randomly of numbers or of text: kinds may change after the fit. */
const columnsOf = (length: number) =>
  fc
    .tuple(
      ...['p', 'q', 'r', 's', 't'].map((name) =>
        fc.oneof(
          valuesOf(number, length).map((values): Column => numbers(name, values)),
          { weight: 3, arbitrary: valuesOf(level, length).map((values): Column => categories(name, values)) },
        ),
      ),
    )
    .map((columns) => columns as Column[]);

describe('a layout with codes', () => {
  it("expanded is applyTransform's matrix bit for bit: unseen, missing, other, changed kinds", () => {
    let codedOnes = 0;
    fc.assert(
      fc.property(columnsOf(ROWS), columnsOf(20), fc.integer({ min: 4, max: 40 }), (train, later, most) => {
        let transform: Transform;
        try {
          transform = fitTransform(train, allRows(train), { maxFeatures: most });
        } catch (thrown) {
          expect(thrown).toMatchObject({ reason: 'no-features' });
          return;
        }
        for (const columns of [train, later, later.slice(1)]) {
          const rows = allRows(columns);
          const plain = applyTransform(transform, columns, rows);
          const { matrix, unseen, layout } = expanded(transform, columns, rows);
          expect(bits(matrix)).toEqual(bits(plain.matrix));
          expect(unseen).toEqual(plain.unseen);
          codedOnes += layout.codedColumns.length;
        }
      }),
      { numRuns: 300 },
    );
    expect(codedOnes).toBeGreaterThan(1000);
  });

  it('keeps wide categories as codes and all else dense; more than 50 levels share `other`', () => {
    const rows = Array.from({ length: 400 }, (_, row) => row);
    const columns = [
      numbers(
        'age',
        rows.map((row) => (row % 9 ? row : null)),
      ),
      categories(
        'page',
        rows.map((row) => (row % 50 === 0 ? null : `page-${row % 57}`)),
      ),
      categories(
        'device',
        rows.map((row) => ['app', 'web'][row % 2]!),
      ),
    ];
    const transform = fitTransform(columns, allRows(columns));
    const layout = codedLayout(transform);
    const named = (outputs: Uint32Array) => [...outputs].map((output) => transform.outputs[output]!);
    expect(named(layout.denseColumns)).toEqual(['age', 'age__missing', 'device=app', 'device=web']);
    expect(layout.groups).toEqual([{ column: 'page', firstCode: 0 }]);
    expect(named(layout.codedColumns)).toHaveLength(52);
    expect(named(layout.codedColumns).slice(-2)).toEqual(['page__other', 'page__missing']);
    expect(layout.width).toBe(56);
  });

  it('starts at CODES_FROM_OUTPUTS outputs', () => {
    const category = (levels: number) =>
      categories(
        `c${levels}`,
        Array.from({ length: 60 }, (_, row) => `l${row % levels}`),
      );
    const columns = [category(CODES_FROM_OUTPUTS - 1), category(CODES_FROM_OUTPUTS)];
    const { groups } = codedLayout(fitTransform(columns, allRows(columns)));
    expect(groups.map(({ column }) => column)).toEqual([`c${CODES_FROM_OUTPUTS}`]);
  });

  it('refuses memory that is too small for the codes', () => {
    const columns = [categories('c', ['a', 'b', 'c', 'd'])];
    const transform = fitTransform(columns, allRows(columns));
    const into = { features: new Float32Array(0), codes: new Uint16Array(3) };
    expect(() => applyLayout(transform, codedLayout(transform), columns, allRows(columns), into)).toThrow(
      expect.objectContaining({ code: 'matrix-too-small' }),
    );
  });
});
