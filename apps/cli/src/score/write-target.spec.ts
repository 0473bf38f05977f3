import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { drained, fileTarget } from './write-target';

const folder = mkdtempSync(join(tmpdir(), 'write-target-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('writing scored rows', () => {
  it('removes its listeners, however often the disk is slower than the rows', async () => {
    const slow = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => setImmediate(done) });
    const listeners = () => slow.eventNames().map((name) => [name, slow.listenerCount(name)]);
    const before = listeners();
    for (let row = 0; row < 50; row++) if (!slow.write('row')) await drained(slow);
    expect(listeners()).toEqual(before);
  });

  it('continues when the stream is closed while it waits', async () => {
    const stuck = new Writable({ highWaterMark: 1, write: () => undefined });
    stuck.on('error', () => undefined);
    stuck.write('row');
    setImmediate(() => stuck.destroy(new Error('disk full')));
    await expect(drained(stuck)).resolves.toBeUndefined();
  });

  it('writes a file completely or not at all', async () => {
    const path = join(folder, 'whole.csv');
    const target = fileTarget(path);
    for (let row = 0; row < 2_000; row++) await target.write(`${'x'.repeat(100)}\n`);
    expect(readdirSync(folder)).toEqual(['whole.csv.part']);
    await target.close();
    expect(readFileSync(path, 'utf8')).toHaveLength(2_000 * 101);
    const given = fileTarget(join(folder, 'given-up.csv'));
    await given.write('half');
    await given.abandon();
    expect(readdirSync(folder)).toEqual(['whole.csv']);
  });
});
