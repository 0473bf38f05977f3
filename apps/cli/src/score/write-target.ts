import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { BadInputError, messageOf } from '@factory/domain';
import type { TextStream } from '../rendering/output';

/** Destination of scored rows. */
export interface Target {
  write(text: string): Promise<void>;
  close(): Promise<void>;
  abandon(): Promise<void>;
}

export function stdoutTarget(stream: TextStream): Target {
  const done = (): Promise<void> => Promise.resolve();
  return {
    write: async (text) => {
      if (!stream.write(text) && stream === process.stdout) await once(process.stdout, 'drain');
    },
    close: done,
    abandon: done,
  };
}

/** Written to a temporary file and renamed at the end, so that a partial file is never mistaken for a complete one. */
export function fileTarget(path: string): Target {
  const beside = `${path}.part`;
  const stream = createWriteStream(beside);
  let failure: unknown;
  stream.on('error', (error) => (failure = error));
  const check = (): void => {
    if (failure === undefined) return;
    throw new BadInputError(
      'cannot-write',
      { field: 'out', value: path, todo: `give a writable file (${messageOf(failure)})` },
      { cause: failure },
    );
  };
  return {
    write: async (text) => {
      check();
      if (!stream.write(text)) await drained(stream);
      check();
    },
    close: async () => {
      await new Promise<void>((resolve) => stream.end(() => resolve()));
      check();
      await rename(beside, path);
    },
    abandon: async () => {
      // The file may still be opening; if removed too early, it would be created again.
      if (!stream.closed) await new Promise<void>((resolve) => stream.once('close', resolve).destroy());
      await rm(beside, { force: true });
    },
  };
}

/** Removes its listeners: for files with many rows this waits thousands of times. */
export async function drained(stream: Writable): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]);
  } catch {
    // Errors of the stream are reported by its error listener.
  } finally {
    waiting.abort();
  }
}
