import { FactoryError, PackedTexts } from '@factory/domain';
import { DEFAULT_CHECK_LIMITS } from '@factory/judgement';
import { compileForSpecs } from '@factory/testing';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatasetThreads, type DatasetWorkers } from './dataset-threads';
import type { DrawnDataset } from './drawn-dataset';
import type { Examined } from './examine-dataset';
import { workHere } from './spec-dataset-work';

jest.setTimeout(120_000);

const ROWS = 150_000;
const file = compileForSpecs(join(__dirname, 'dataset.worker.ts'));
const threads = new DatasetThreads(file);

afterAll(async () => {
  await threads.onApplicationShutdown();
  rmSync(file);
});

const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
};

/** Orders, marks and writes a dataset with the given number of rows, like sampling. */
function passThrough(
  workers: DatasetWorkers,
  rows: number,
): Promise<{ file: Buffer; dataset: DrawnDataset; examined: Examined }> {
  const ids = PackedTexts.from(Array.from({ length: rows }, (_, row) => String((row * 7_919) % 1_000_003)));
  const visitors = PackedTexts.from(
    Array.from({ length: rows }, (_, row) => (row % 3 ? `who-${row % 999}` : null)),
  );
  return workers.use(rows, async (thread) => {
    const order = await thread.order(ids.parts);
    const outOfTime = Uint8Array.from({ length: rows }, (_, row) => Number(row % 10 === 0));
    const seeds = { markSeed: 'main/sale/1|mark', halfSeed: 'main/sale/1|half', hashKey: 'key of the spec' };
    const marked = await thread.mark({ ids: ids.parts, visitors: visitors.parts, outOfTime, ...seeds });
    const dataset: DrawnDataset = {
      rows,
      features: [
        { kind: 'number', name: 'x', values: Float32Array.from({ length: rows }, (_, row) => row % 17) },
        { kind: 'category', name: 'c', codes: new Int32Array(rows).fill(-1), levels: [] },
      ],
      visitIds: ids.inOrder(order),
      visitTimes: new Float64Array(rows).fill(1.7e12),
      labels: new Uint8Array(rows),
      weights: new Float64Array(rows).fill(1),
      ...marked,
    };
    const examination = { end: 1.7e12 + 1, limits: DEFAULT_CHECK_LIMITS, leftOut: [] };
    const { used, examined } = await thread.write(dataset, examination, collect);
    return { dataset, file: used, examined };
  });
}

/** Share of the time in which this thread could not have answered a heartbeat. */
async function busyShare(work: () => Promise<unknown>): Promise<number> {
  const before = performance.eventLoopUtilization();
  await work();
  return performance.eventLoopUtilization(before).utilization;
}

describe('work on a dataset on a thread', () => {
  it.each([
    ['the shared thread', 1_000],
    ['a thread of its own', ROWS],
  ])('gives the same bytes as on the calling thread: %s', async (_case, rows) => {
    const [there, here] = [await passThrough(threads, rows), await passThrough(workHere, rows)];
    expect(there.file.equals(here.file)).toBe(true);
    expect(there.examined).toEqual(here.examined);
    expect(there.examined.profile?.columns.map(({ name }) => name)).toEqual(['x', 'c']);
    expect(there.dataset.marks.length).toBe(0); // transferred, not copied
  });

  it('keeps the main thread free for heartbeats, which wait if the work is done there', async () => {
    // Preparing the rows is part of both measurements, so the difference shows the work.
    const there = await busyShare(() => passThrough(threads, ROWS));
    const here = await busyShare(() => passThrough(workHere, ROWS));
    expect(here).toBeGreaterThan(0.95);
    expect(there).toBeLessThan(0.75);
  });

  it('stops on its signal, in the middle of hashing', async () => {
    const abort = new AbortController();
    const ids = PackedTexts.from(Array.from({ length: ROWS }, (_, row) => `v${row}`)).parts;
    const seeds = { markSeed: 's', halfSeed: 't', hashKey: 'k' };
    const visits = { ids, visitors: ids, outOfTime: new Uint8Array(ROWS), ...seeds };
    const marking = threads.use(ROWS, (thread) => thread.mark(visits), abort.signal);
    setTimeout(() => abort.abort(new FactoryError('stop', 'stop', false)), 20);
    await expect(marking).rejects.toMatchObject({ code: 'stop' });
  });
});
