import { compareBytes, type Column, type Dataset } from '@factory/domain';
import { readVerified, sha256Of } from '@factory/object-store';
import { NASTY_NAMES } from '@factory/testing';
import { decodeDataset, encodeDataset } from './dataset-arrow';
import { readDatasetBatches } from './dataset-batches';
import { sourceOf } from './spec-source';

describe('dataset.arrow with nasty names', () => {
  const names = NASTY_NAMES.filter(({ refusedAs }) => refusedAs !== 'reserved-column').map(
    ({ name }) => name,
  );
  const levels = NASTY_NAMES.map(({ name }) => name).sort(compareBytes);
  const rows = levels.length;
  const dataset: Dataset = {
    rows,
    visitIds: levels.map((_, row) => `v${String(row).padStart(4, '0')}`),
    visitorIds: levels.map((_, row) => `w${row}`),
    visitTimes: new Float64Array(rows),
    labels: new Uint8Array(rows),
    marks: new Uint8Array(rows),
    weights: new Float64Array(rows).fill(1),
    features: [
      ...names.map((name, at): Column => ({ kind: 'number', name, values: new Float32Array(rows).fill(at) })),
      { kind: 'category', name: 'level of', codes: Int32Array.from(levels, (_, row) => row), levels },
    ],
  };
  const bytes = encodeDataset(dataset);

  it('comes back whole, each column by its name', () => {
    expect(decodeDataset(bytes)).toEqual(dataset);
  });

  it('comes back batch by batch', () => {
    const ref = { bytes: bytes.length, sha256: sha256Of(bytes) };
    const found = readVerified(sourceOf(bytes), { key: 'dataset.arrow', ...ref }, (source) =>
      Array.from(readDatasetBatches(source), ({ features }) => Array.from(features).flat()).flat(),
    );
    expect(found.map(({ name }) => name)).toEqual([...names, 'level of']);
  });

  it.each(['visit_id', 'visitor_id', 'visit_time', 'label', 'mark', 'weight', 'visitor_half'])(
    'has a column %s of its own',
    (name) => {
      const column: Column = { kind: 'number', name, values: new Float32Array(rows) };
      expect(() => encodeDataset({ ...dataset, features: [column] })).toThrow(/exclude the column/);
    },
  );
});
