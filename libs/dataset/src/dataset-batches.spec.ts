import type { Column, Dataset } from '@factory/domain';
import { readVerified, type SizedSource, sha256Of, verifyStream } from '@factory/object-store';
import fc from 'fast-check';
import { Readable } from 'node:stream';
import { BATCH_ROWS } from './arrow-write';
import { decodeDataset, encodeDataset } from './dataset-arrow';
import { readDatasetBatches, type BatchVisits } from './dataset-batches';
import { anyDataset, largeDataset, withoutHalves } from './spec-datasets';
import { sourceOf } from './spec-source';

const refOf = (bytes: Uint8Array) => ({ key: 'd', sha256: sha256Of(bytes), bytes: bytes.length });
const concatenated = (parts: readonly ArrayLike<number>[]) => parts.flatMap((part) => Array.from(part));

/** The batches' content as one dataset, copied while each is valid. */
function gathered(source: SizedSource) {
  const parts = Array.from(readDatasetBatches(source), ({ features, visits, ...rows }) => ({
    ...structuredClone(rows),
    ...textsOf(visits()),
    features: Array.from(features, (columns) => structuredClone(columns)).flat(),
  }));
  return {
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    labels: concatenated(parts.map(({ labels }) => labels)),
    marks: concatenated(parts.map(({ marks }) => marks)),
    weights: concatenated(parts.map(({ weights }) => weights)),
    halves: concatenated(parts.map(({ halves }) => halves)),
    visitTimes: concatenated(parts.map(({ visitTimes }) => visitTimes)),
    visitIds: parts.flatMap(({ visitIds }) => visitIds),
    visitorIds: parts.flatMap(({ visitorIds }) => visitorIds),
    features: parts[0]!.features.map((first, at) => ({
      ...plain(first),
      values: concatenated(parts.map(({ features }) => valuesOf(features[at]!))),
    })),
  };
}

const textsOf = ({ visitTimes, visitIds, visitorIds }: BatchVisits) => ({
  visitTimes,
  visitIds: stringsOf(visitIds),
  visitorIds: stringsOf(visitorIds),
});
const stringsOf = ({ offsets, bytes }: BatchVisits['visitIds']) =>
  Array.from(offsets.subarray(1), (end, at) => Buffer.from(bytes.slice(offsets[at], end)).toString('utf8'));
const valuesOf = (column: Column) => (column.kind === 'number' ? column.values : column.codes);
const plain = (column: Column) => ({
  name: column.name,
  kind: column.kind,
  levels: column.kind === 'category' ? column.levels : [],
});
const asArrays = ({ rows, labels, marks, weights, halves, features, ...visits }: Dataset) => ({
  rows,
  ...{ ...visits, visitTimes: Array.from(visits.visitTimes) },
  labels: Array.from(labels),
  marks: Array.from(marks),
  weights: Array.from(weights),
  halves: Array.from(halves ?? new Uint8Array(rows).fill(1)),
  features: features.map((column) => ({ ...plain(column), values: Array.from(valuesOf(column)) })),
});

describe('reading a dataset batch by batch', () => {
  it('returns the same as decodeDataset, for any dataset', () => {
    fc.assert(
      fc.property(anyDataset, (one) => {
        const bytes = encodeDataset(one);
        expect(readVerified(sourceOf(bytes), refOf(bytes), gathered)).toEqual(asArrays(decodeDataset(bytes)));
      }),
      { numRuns: 100 },
    );
  });

  it('puts all visitors of a file from before there were halves into half b', () => {
    fc.assert(
      fc.property(anyDataset, (halved) => {
        const one = withoutHalves(halved);
        const bytes = encodeDataset(one);
        expect(readVerified(sourceOf(bytes), refOf(bytes), gathered)).toEqual(asArrays(one));
      }),
      { numRuns: 50 },
    );
  });

  it('gives rows of several batches in order', () => {
    const bytes = encodeDataset(largeDataset(BATCH_ROWS + 77));
    expect(readVerified(sourceOf(bytes), refOf(bytes), gathered)).toEqual(asArrays(decodeDataset(bytes)));
  });

  it('keeps some columns in memory at a time, and none that are not requested', () => {
    const column = largeDataset(100).features[0]!;
    const features = Array.from({ length: 40 }, (_, at) => ({ ...column, name: `x${at}` }));
    const bytes = encodeDataset({ ...largeDataset(100), features });
    const buffers = readVerified(sourceOf(bytes), refOf(bytes), (source) =>
      Array.from(readDatasetBatches(source), (batch) => {
        expect(batch.featureCount).toBe(40);
        return Array.from(
          batch.features,
          (columns) => [columns.length, valuesOf(columns[0]!).buffer] as const,
        );
      }),
    ).flat();
    expect(buffers.map(([columns]) => columns)).toEqual([16, 16, 8]);
    expect(new Set(buffers.map(([, buffer]) => buffer)).size).toBe(1);
    const rows = readVerified(sourceOf(bytes), refOf(bytes), (source) =>
      Array.from(readDatasetBatches(source), (batch) => batch.rows),
    );
    expect(rows).toEqual([100]);
  });
});

describe('a file that differs from what was written', () => {
  const written = encodeDataset(largeDataset(50));
  /** In the middle of the only batch, which is last except for the footer. */
  const CUT_IN_ROWS = written.length - new DataView(written.buffer).getInt32(written.length - 10, true) - 100;
  const anyChange = fc.integer({ min: 1, max: 255 });
  const changed = (at: number, change: number) => {
    const bytes = Uint8Array.from(written);
    bytes[at]! ^= change;
    return bytes;
  };
  const read = (bytes: Uint8Array, ref = refOf(bytes)) => readVerified(sourceOf(bytes), ref, gathered);

  it('is refused for its hash, not for its content, whichever byte of its rows changed', () => {
    fc.assert(
      fc.property(fc.integer({ min: CUT_IN_ROWS, max: CUT_IN_ROWS + 90 }), anyChange, (at, change) => {
        expect(() => read(changed(at, change), refOf(written))).toThrow(
          expect.objectContaining({ code: 'sha256-mismatch' }),
        );
      }),
    );
  });

  it('is refused before its bytes are interpreted, whichever changed', async () => {
    await verifyStream(Readable.from([written]), refOf(written));
    await fc.assert(
      fc.asyncProperty(fc.nat(written.length - 1), anyChange, async (at, change) => {
        const halves = [changed(at, change).subarray(0, 99), changed(at, change).subarray(99)];
        await expect(verifyStream(Readable.from(halves), refOf(written))).rejects.toMatchObject({
          code: 'sha256-mismatch',
        });
      }),
    );
  });

  it.each([
    ['cut off', written.subarray(0, 700)],
    ['longer', Buffer.concat([written, Buffer.from('more')])],
    ['empty', new Uint8Array(0)],
  ])('is refused for its hash when it is %s', (_how, bytes) => {
    expect(() => read(bytes, refOf(written))).toThrow(expect.objectContaining({ code: 'sha256-mismatch' }));
  });

  it.each([
    ['ends in the middle of its rows', written.subarray(0, CUT_IN_ROWS), 'not-an-arrow-file'],
    ['ends immediately', written.subarray(0, 3), 'file-cut-off'],
    ['is not an Arrow file', Buffer.from('visit_id;label\n1;0\n'), 'not-an-arrow-file'],
    ['announces more than it contains', promisingMore(), 'not-an-arrow-file'],
  ])('is refused for its form when it %s', (_how, bytes, code) => {
    expect(() => read(bytes)).toThrow(expect.objectContaining({ code }));
  });

  /** Its first message claims 2 GB of metadata. */
  function promisingMore(): Uint8Array {
    const bytes = Buffer.from(written);
    bytes.writeInt32LE(2 ** 31 - 1, 12);
    return bytes;
  }
});
