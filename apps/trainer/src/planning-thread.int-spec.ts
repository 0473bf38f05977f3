import type { ArtefactRef } from '@factory/contracts';
import { encodeDataset } from '@factory/dataset';
import { FactoryError, MARKS, ServerAwayError, type Dataset } from '@factory/domain';
import { putVerified, S3ObjectStore, s3ConfigSchema } from '@factory/object-store';
import { freshBucketPrefix } from '@factory/testing';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { PlanningThread } from './planning-thread';
import { workHere } from './spec-dataset-work';
import { compileForSpecs } from './workers/spec-compile-worker';

jest.setTimeout(60_000);

const ROWS = 90_000;
const dataset: Dataset = {
  rows: ROWS,
  features: Array.from({ length: 12 }, (_, at) => ({
    kind: 'number',
    name: `x${at}`,
    values: Float32Array.from({ length: ROWS }, (_unused, row) => ((row * (at + 3)) % 1009) / 7),
  })),
  visitIds: Array.from({ length: ROWS }, (_, row) => `v${row}`),
  visitorIds: Array.from({ length: ROWS }, (_, row) => `w${row}`),
  visitTimes: new Float64Array(ROWS),
  labels: Uint8Array.from({ length: ROWS }, (_, row) => Number(row % 9 < 4)),
  marks: Uint8Array.from({ length: ROWS }, (_, row) => row % MARKS.length),
  weights: new Float64Array(ROWS).fill(1),
};
const fitting = { policy: { scaler: 'standard', maxFeatures: 400 }, maxBytes: 1e9 } as const;
const options = { shift: -1, rows: (ROWS / 4) * 3, maxBytes: 1e9 };

const fresh = freshBucketPrefix('planning-thread');
const store = new S3ObjectStore(s3ConfigSchema.parse({ ...fresh.store, prefix: fresh.prefix }));
const file = compileForSpecs(join(__dirname, 'planning.worker.ts'));
const thread = new PlanningThread(file);
let ref: ArtefactRef;
const open = () => store.getStream(ref.key, ref.bytes);

beforeAll(async () => {
  ref = await putVerified(store, 'dataset.arrow', encodeDataset(dataset), { contentType: 'x/y' });
}, 60_000);
afterAll(async () => {
  await thread.onApplicationShutdown();
  rmSync(file);
  store.close();
  await fresh.dispose();
});

/** The first bytes of the dataset, then the behaviour of `then`. */
async function* beginning(bytes: number, then: () => Promise<void> | void) {
  let left = bytes;
  for await (const chunk of await open()) {
    yield (chunk as Buffer).subarray(0, left);
    left -= (chunk as Buffer).length;
    if (left <= 0) break;
  }
  await then();
}

describe('work on a dataset in the store', () => {
  it('gives the same results as on the calling thread, for plans and matrices requested at the same time', async () => {
    const here = await workHere.fit({ ...fitting, dataset: ref }, open);
    const transform = Buffer.from(JSON.stringify(here.transform));
    const [fitted, matrix] = await Promise.all([
      thread.fit({ ...fitting, dataset: ref }, open),
      thread.matrix({ dataset: ref, transform, ...options }, open),
    ]);
    // Its clock stands still here.
    const { seconds } = fitted.baseline.fit;
    expect(seconds).toBeGreaterThan(0);
    expect(fitted).toEqual({
      ...here,
      baseline: { ...here.baseline, fit: { ...here.baseline.fit, seconds } },
    });
    const same = await workHere.matrix({ dataset: ref, transform, ...options }, open);
    expect(Buffer.from(matrix.features.buffer).equals(Buffer.from(same.features.buffer))).toBe(true);
    expect(matrix.trainRows).toEqual(same.trainRows);
  });

  it('ends its thread after a large dataset or a failure, and keeps it after a small dataset', async () => {
    const large = new PlanningThread(file, ref.bytes - 1);
    await large.fit({ ...fitting, dataset: ref }, open);
    expect(large.isRunning).toBe(false);

    const small = new PlanningThread(file, ref.bytes);
    await small.fit({ ...fitting, dataset: ref }, open);
    expect(small.isRunning).toBe(true);
    await expect(small.fit({ ...fitting, maxBytes: 1, dataset: ref }, open)).rejects.toMatchObject({
      code: 'dataset-too-large',
    });
    expect(small.isRunning).toBe(false);
  });

  it('refuses a changed dataset, and continues with the next', async () => {
    const other = { ...ref, sha256: 'f'.repeat(64) };
    await expect(thread.fit({ ...fitting, dataset: other }, open)).rejects.toMatchObject({
      code: 'sha256-mismatch',
      retryable: false,
    });
    expect(await thread.fit({ ...fitting, dataset: ref }, open)).toMatchObject({ trainRows: ROWS / 4 });
  });

  it('says that the store is unavailable when its stream breaks or cannot be opened', async () => {
    const away = new ServerAwayError('store');
    const broken = beginning(300_000, () => {
      throw away;
    });
    const work = thread.fit({ ...fitting, dataset: ref }, () => Promise.resolve(Readable.from(broken)));
    await expect(work).rejects.toBe(away);
    await expect(thread.fit({ ...fitting, dataset: ref }, () => Promise.reject(away))).rejects.toBe(away);
  });

  it('stops in the middle when its signal is aborted, and closes the stream', async () => {
    const abort = new AbortController();
    const stopped = new FactoryError('stop', 'stop', false);
    const stalled = beginning(300_000, () => {
      abort.abort(stopped);
      return new Promise(() => undefined);
    });
    const stream = Readable.from(stalled);
    const work = thread.fit({ ...fitting, dataset: ref }, () => Promise.resolve(stream), abort.signal);
    await expect(work).rejects.toBe(stopped);
    expect(stream.destroyed).toBe(true);
    expect(await thread.fit({ ...fitting, dataset: ref }, open)).toMatchObject({ trainRows: ROWS / 4 });
  });
});
