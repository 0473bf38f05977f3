import { FactoryError, RunSkippedError } from '@factory/domain';
import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { specTasks } from './fixtures/spec-tasks';
import { TaskThread } from './task-thread';

const folder = mkdtempSync(join(tmpdir(), 'task-thread-'));
const file = join(folder, 'spec.worker.cjs');

let thread: TaskThread<typeof specTasks>;

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
beforeEach(() => {
  thread = new TaskThread<typeof specTasks>(file);
});
afterEach(() => thread.close());
afterAll(() => rmSync(folder, { recursive: true }));

it('returns the result of the task', async () => {
  expect(await thread.run('sum', Float64Array.of(1, 2, 3.5))).toBe(6.5);
});

it('runs tasks one after the other, in their order', async () => {
  const order: number[] = [];
  await Promise.all(
    [3, 1, 2].map((value) => thread.run('sum', Float64Array.of(value)).then((sum) => order.push(sum))),
  );
  expect(order).toEqual([3, 1, 2]);
});

it('keeps the main thread free while a task computes', async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  await thread.run('spin', 300);
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(10);
});

it('passes on code and retryability of an error', async () => {
  await expect(thread.run('fail', 'planted')).rejects.toMatchObject({ code: 'planted', retryable: false });
});

it('passes on that a run is to be skipped, with its figures', async () => {
  const skipped = await thread.run('skip', 7).catch((error: unknown) => error);
  expect(skipped).toBeInstanceOf(RunSkippedError);
  expect(skipped).toMatchObject({ reason: 'too-few', figures: { goals: 7 } });
});

it('terminates a running task when its signal is aborted, and goes on with the next', async () => {
  const abort = new AbortController();
  const spinning = thread.run('spin', 60_000, abort.signal);
  setTimeout(() => abort.abort(new FactoryError('stop', 'stop', false)), 50);
  await expect(spinning).rejects.toMatchObject({ code: 'stop' });
  expect(await thread.run('sum', Float64Array.of(4))).toBe(4);
});

it('reports that its thread died, and starts another for the next task', async () => {
  await expect(thread.run('die', 3)).rejects.toMatchObject({ code: 'worker-lost', retryable: true });
  expect(await thread.run('sum', Float64Array.of(4))).toBe(4);
});
