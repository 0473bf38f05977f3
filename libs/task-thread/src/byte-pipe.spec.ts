import { FactoryError } from '@factory/domain';
import { buildSync } from 'esbuild';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BytePipe, BytePipeReader } from './byte-pipe';
import type { specTasks } from './fixtures/spec-tasks';
import { TaskThread } from './task-thread';

const folder = mkdtempSync(join(tmpdir(), 'byte-pipe-'));
const file = join(folder, 'spec.worker.cjs');
const thread = new TaskThread<typeof specTasks>(file);
const body = randomBytes(3_000_017);

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

/** The body in chunks of these sizes, repeated, then calls `end`. */
async function* chunks(sizes: readonly number[], end: () => void = () => undefined) {
  for (let at = 0, turn = 0; at < body.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield body.subarray(at, at + size);
    at += size;
    if (turn % 50 === 0) await sleep(1);
  }
  end();
}

it.each([
  ['chunks smaller than the pipe', 65_536, [1_000, 1, 0, 64_000], [8, 4_096, 100_000]],
  ['chunks larger than the pipe', 1_000, [65_536, 3], [17, 70_001]],
])('transfers every byte in order to a thread: %s', async (_case, capacity, sizes, reads) => {
  const pipe = new BytePipe(capacity);
  const pumping = pipe.pump(chunks(sizes));
  const read = await thread.run('digest', { pipe: pipe.shared, sizes: reads });
  await pumping;
  expect(read).toEqual({ bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') });
  expect(pipe.failure).toBeUndefined();
});

it('accepts no more than its capacity until somebody reads', async () => {
  const pipe = new BytePipe(1_000);
  let taken = 0;
  const counted = async function* () {
    for await (const chunk of chunks([100])) {
      taken += chunk.length;
      yield chunk;
    }
  };
  const pumping = pipe.pump(counted());
  await sleep(50);
  expect(taken).toBe(1_100); // one chunk waits for space
  expect(new BytePipeReader(pipe.shared).read(new Uint8Array(250))).toBe(250);
  await sleep(50);
  expect(taken).toBe(1_300);
  pipe.close();
  await pumping;
  expect(taken).toBeLessThanOrEqual(1_300);
});

it('reports to the reader that a stream failed, and keeps the reason', async () => {
  const away = new FactoryError('store-away', 'gone', true);
  const broken = chunks([65_536], () => {
    throw away;
  });
  const pipe = new BytePipe(10_000);
  const pumping = pipe.pump(broken);
  await expect(thread.run('digest', { pipe: pipe.shared, sizes: [4_096] })).rejects.toMatchObject({
    code: 'stream-broken',
  });
  await pumping;
  expect(pipe.failure).toBe(away);
});

it('does not prevent a thread that waits for bytes from being terminated', async () => {
  const pipe = new BytePipe(1_000);
  const abort = new AbortController();
  const reading = thread.run('digest', { pipe: pipe.shared, sizes: [10] }, abort.signal);
  setTimeout(() => abort.abort(new FactoryError('stop', 'stop', false)), 100);
  await expect(reading).rejects.toMatchObject({ code: 'stop' });
});
