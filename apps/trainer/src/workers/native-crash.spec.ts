import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GroupNote } from '../group-note';
import { specTrial } from '../spec-trials';
import { compileForSpecs } from './spec-compile-worker';

const KILLER = join(__dirname, 'fixtures/killer.worker.cjs');

describe('a trial that crashes its process natively', () => {
  let directory: string;
  let program: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'factory-crash-'));
    program = compileForSpecs(join(__dirname, 'fixtures/crashing-group.ts'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
    rmSync(program);
  });

  const trials = (...numbers: number[]) => numbers.map((trial) => specTrial(trial));
  const noteFile = () => join(directory, 'note.json');

  /** One process that works on the group. */
  const pod = (group: unknown) =>
    new Promise<{ signal: string | null; printed: string }>((resolve) => {
      const child = spawn(process.execPath, [program, KILLER, noteFile(), JSON.stringify(group)]);
      let printed = '';
      child.stdout.on('data', (part: Buffer) => (printed += part.toString()));
      child.on('close', (_code, signal) => resolve({ signal, printed }));
    });
  const note = () => JSON.parse(readFileSync(noteFile(), 'utf8')) as GroupNote;

  it('is identified by the note, runs alone the second time, and is skipped from then on; the others are trained', async () => {
    const group = trials(1, 13, 3);
    expect(await pod(group)).toEqual({ signal: 'SIGKILL', printed: '' });
    const beside = note().inHand;
    expect(beside).toHaveLength(2);
    expect(beside).toContain(13);

    expect((await pod(group)).signal).toBe('SIGKILL');
    expect(note()).toEqual({ inHand: [13], crashes: Object.fromEntries(beside.map((trial) => [trial, 1])) });

    expect(await pod(group)).toEqual({ signal: null, printed: '1 done, 13 crashed, 3 done' });
    expect(note().inHand).toEqual([]);
  });
});
