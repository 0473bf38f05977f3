import type { Column, Dataset } from '@factory/domain';
import { sha256Of } from '@factory/object-store';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { BATCH_ROWS } from './arrow-write';
import { decodeDataset, encodeDataset } from './dataset-arrow';
import { anyDataset, largeDataset, withoutHalves } from './spec-datasets';

describe('dataset.arrow', () => {
  it('reads back every dataset unchanged: unknowns, empty columns, any language', () => {
    fc.assert(
      fc.property(anyDataset, (one) => {
        expect(decodeDataset(encodeDataset(one))).toEqual(one);
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same bytes for the same dataset, however often', () => {
    fc.assert(
      fc.property(anyDataset, (one) => {
        expect(sha256Of(encodeDataset(one))).toBe(sha256Of(encodeDataset(structuredClone(one))));
      }),
      { numRuns: 50 },
    );
  });

  it('keeps order and unknowns across batches of 65,536 rows, with one dictionary for all', () => {
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
      'visitor_half Uint8 false',
      'pages Float32 true',
      'origin Dictionary<Int32, Utf8> true',
      'nothing Float32 true',
      'nobody Dictionary<Int32, Utf8> true',
    ]);
    expect([...schema.metadata]).toEqual([
      ['format', 'propensity-dataset'],
      ['version', '2'],
    ]);
  });

  it('without halves is the file of version 1', () => {
    const older = withoutHalves(largeDataset(3));
    const bytes = encodeDataset(older);
    const { schema } = tableFromIPC(bytes);
    expect(schema.metadata.get('version')).toBe('1');
    expect(schema.names).not.toContain('visitor_half');
    expect(decodeDataset(bytes)).toEqual(older);
  });

  it('refuses a feature with a reserved name', () => {
    const one = {
      ...largeDataset(1),
      features: [{ kind: 'number', name: 'weight', values: new Float32Array(1) }],
    };
    expect(() => encodeDataset(one as Dataset)).toThrow(expect.objectContaining({ code: 'reserved-column' }));
  });

  it('refuses levels that are not sorted by bytes: the file’s bytes would not be reproducible', () => {
    const unsorted: Column = { kind: 'category', name: 'a', codes: new Int32Array(1), levels: ['b', 'a'] };
    expect(() => encodeDataset({ ...largeDataset(1), features: [unsorted] })).toThrow(
      expect.objectContaining({ code: 'unsorted-levels' }),
    );
  });

  it('refuses bytes that are not an Arrow file', () => {
    expect(() => decodeDataset(Buffer.from('visit_id;label\n1;0\n'))).toThrow(
      expect.objectContaining({ code: 'not-an-arrow-file' }),
    );
  });
});
