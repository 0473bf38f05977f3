import { decodeDataset, encodeDataset } from '@factory/dataset';
import { MARKS, rowsOf, type Column, type Dataset } from '@factory/domain';
import { SeededRandom } from '@factory/engines';
import { fitTransform } from '@factory/normalisation';
import { sha256Of } from '@factory/object-store';
import { Readable } from 'node:stream';
import { fitDataset } from './fit-dataset';
import { workHere } from './spec-dataset-work';

const BATCH_ROWS = 65_536;

/** More than one batch: numbers with unknowns, twins, constants, wide and narrow categories, all marks. */
function largeDataset(rows: number): Dataset {
  const random = new SeededRandom(7, 'fit-dataset');
  const numbers = (name: string, value: (row: number) => number): Column => ({
    kind: 'number',
    name,
    values: Float32Array.from({ length: rows }, (_, row) => value(row)),
  });
  const categories = (name: string, levels: number, unknown: number): Column => ({
    kind: 'category',
    name,
    codes: Int32Array.from({ length: rows }, () =>
      random.fraction() < unknown ? -1 : Math.floor(random.fraction() ** 2 * levels),
    ),
    levels: Array.from({ length: levels }, (_, level) => `level-${String(level).padStart(5, '0')}`),
  });
  const age = numbers('age', () => (random.fraction() < 0.02 ? NaN : 40 + 12 * random.normal()));
  return {
    rows,
    features: [
      age,
      { ...age, name: 'twin of age' },
      numbers('visits', (row) => (row % 6 ? 0 : row)),
      numbers('constant', () => 3),
      numbers('all but nothing', (row) => (row % 2000 ? 0 : 1)),
      categories('page', 300, 0.01),
      categories('device', 3, 0),
      categories('id', 20_000, 0.9),
    ],
    visitIds: Array.from({ length: rows }, (_, row) => `v${row}`),
    visitorIds: Array.from({ length: rows }, (_, row) => `w${row}`),
    visitTimes: new Float64Array(rows),
    labels: Uint8Array.from({ length: rows }, (_, row) => row % 2),
    marks: Uint8Array.from({ length: rows }, () => Math.floor(random.fraction() * MARKS.length)),
    weights: new Float64Array(rows).fill(1),
  };
}

const bytes = Buffer.from(encodeDataset(largeDataset(BATCH_ROWS + 999)));
const dataset = { key: 'dataset.arrow', sha256: sha256Of(bytes), bytes: bytes.length };

it.each([
  ['standard', 400],
  ['maxabs', 20],
] as const)(
  'gives the same transform batch by batch as on the whole dataset, to the byte: %s',
  async (scaler, most) => {
    const policy = { scaler, maxFeatures: most };
    const whole = decodeDataset(bytes);
    const trainRows = rowsOf(whole, 'train');
    const input = { dataset, policy, maxBytes: dataset.bytes };
    const fitted = await workHere.fit(input, () => Promise.resolve(Readable.from([bytes])));
    expect(JSON.stringify(fitted.transform)).toBe(
      JSON.stringify(fitTransform(whole.features, trainRows, policy)),
    );
    expect(fitted.transform.dropped.length).toBeGreaterThan(2);
    expect(fitted.trainRows).toBe(trainRows.length);
    expect(fitted.matrix.rows).toBe(whole.rows - rowsOf(whole, 'out-of-time').length);
  },
);

it('reports bytes that sampling did not write without their content', () => {
  const changed = Buffer.from(bytes);
  changed.fill(0, 3000, 4000);
  let at = 0;
  const source = {
    read: (into: Uint8Array) => {
      const length = changed.copy(into, 0, at, at + into.length);
      at += length;
      return length;
    },
  };
  const policy = { scaler: 'standard', maxFeatures: 400 } as const;
  expect(() => fitDataset({ dataset, policy, maxBytes: dataset.bytes }, source, () => 0)).toThrow(
    expect.objectContaining({ code: 'sha256-mismatch' }),
  );
});
