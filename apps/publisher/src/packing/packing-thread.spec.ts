import { compileForSpecs } from '@factory/testing';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { packBundle } from './pack-bundle';
import { PackingThread } from './packing-thread';
import { workHere } from './spec-packing-work';
import { storeEvaluatedRun } from './spec-promoted-run';

const file = compileForSpecs(join(__dirname, 'packing.worker.ts'));
const thread = new PackingThread(file);
const RUN = '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111';

afterAll(async () => {
  await thread.onApplicationShutdown();
  rmSync(file);
});

it('gives the same bundle as on the calling thread, for two runs at the same time', async () => {
  const objects = new Map<string, Buffer>();
  const store = {
    put: (name: string, body: Uint8Array | string) =>
      Promise.resolve(void objects.set(name, Buffer.from(body as Uint8Array))),
    get: (name: string) => Promise.resolve(objects.get(name)!),
    getStream: (name: string) => Promise.resolve(Readable.from([objects.get(name)!])),
  };
  const { pack } = await storeEvaluatedRun(store, { source: 'main', product: 7, goal: 'sale' }, RUN);
  const here = await packBundle(store, pack, workHere);
  const there = await Promise.all([packBundle(store, pack, thread), packBundle(store, pack, thread)]);
  for (const { files } of there)
    for (const [name, body] of here.files) expect(files.get(name)!.equals(body)).toBe(true);
});
