import { FactoryError } from '@factory/domain';
import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withOutlet } from './byte-outlet';
import type { specTasks } from './fixtures/spec-tasks';
import { TaskThread } from './task-thread';

const folder = mkdtempSync(join(tmpdir(), 'byte-outlet-'));
const file = join(folder, 'spec.worker.cjs');
const thread = new TaskThread<typeof specTasks>(file);
const BYTES = 5_000_017;

beforeAll(() => {
  buildSync({
    entryPoints: [join(__dirname, 'fixtures/spec.worker.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    tsconfig: join(__dirname, '../../../tsconfig.base.json'),
    logLevel: 'error',
  });
});
afterAll(async () => {
  await thread.close();
  rmSync(folder, { recursive: true });
});

const emit = (sizes: readonly number[], more: object = {}, signal?: AbortSignal) => {
  return (out: Parameters<Parameters<typeof withOutlet>[0]>[0]) =>
    thread.run('emit', { out, bytes: BYTES, sizes, ...more }, signal);
};

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

it.each([
  ['small pieces', [1, 1_000, 7]],
  ['pieces larger than the pipe', [3_000_000]],
])('transfers every byte in order out of a thread: %s', async (_case, sizes) => {
  const [bytes, read] = await withOutlet(emit(sizes), collect);
  expect(bytes).toBe(BYTES);
  expect(read.length).toBe(BYTES);
  expect(read.findIndex((byte, at) => byte !== at % 251)).toBe(-1);
});

it('buffers no more than its capacity while nobody reads', async () => {
  let taken = 0;
  await withOutlet(emit([100_000]), async (chunks) => {
    for await (const chunk of chunks) {
      if (taken === 0) await sleep(100);
      taken += chunk.length;
      expect(chunk.length).toBeLessThanOrEqual(256 * 1024);
    }
  });
  expect(taken).toBe(BYTES);
});

it('fails both ends with the error of the thread', async () => {
  let seen: unknown;
  const using = async (chunks: AsyncIterable<Uint8Array>) => {
    await collect(chunks).catch((reason: unknown) => {
      seen = reason;
      throw reason;
    });
  };
  await expect(withOutlet(emit([100_000], { failAt: 2_000_000 }), using)).rejects.toMatchObject({
    code: 'planted',
  });
  expect(seen).toMatchObject({ code: 'planted' });
});

it("ends the thread's task when its bytes cannot be used, and reports why", async () => {
  const away = new FactoryError('store-away', 'gone', true);
  const broken = async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) if (chunk.length > 0) throw away;
  };
  await expect(withOutlet(emit([100_000]), broken)).rejects.toBe(away);
  await expect(withOutlet(emit([100_000]), () => Promise.reject(away))).rejects.toBe(away);
  expect(await thread.run('sum', Float64Array.of(4))).toBe(4);
});

it('reports why its bytes could not be used even if that is known long after the pipe was closed', async () => {
  const away = new FactoryError('store-away', 'gone', true);
  const late = async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) if (chunk.length > 0) break;
    await sleep(300); // such as an upload that is aborted first
    throw away;
  };
  await expect(withOutlet(emit([100_000]), late)).rejects.toBe(away);
});

it('does not prevent a thread that waits for space from being terminated', async () => {
  const abort = new AbortController();
  const slow = async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) await sleep(chunk.length, undefined, { ref: false });
  };
  setTimeout(() => abort.abort(new FactoryError('stop', 'stop', false)), 100);
  const halted = withOutlet(emit([100_000], {}, abort.signal), (chunks) =>
    Promise.race([slow(chunks), sleep(500).then(() => Promise.reject(new Error('late')))]),
  );
  await expect(halted).rejects.toMatchObject({ code: 'stop' });
});
