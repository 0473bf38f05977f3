import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { BadInputError, messageOf } from '@factory/domain';
import type { TextStream } from '../rendering/output';

/** Where scored rows go. */
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

/** Written beside and renamed at the end: half a file is never taken for the whole. */
export function fileTarget(path: string): Target {
  const beside = `${path}.part`;
  const stream = createWriteStream(beside);
  let failure: unknown;
  stream.on('error', (error) => (failure = error));
  const check = (): void => {
    if (failure === undefined) return;
    throw new BadInputError(
      'cannot-write',
      { field: 'out', value: path, todo: `give a file that can be written (${messageOf(failure)})` },
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
      // The file may be opening still; removed too early, it would come back.
      if (!stream.closed) await new Promise<void>((resolve) => stream.once('close', resolve).destroy());
      await rm(beside, { force: true });
    },
  };
}

/** Leaves no listener behind: files of many rows wait here thousands of times. */
export async function drained(stream: Writable): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]);
  } catch {
    // What went wrong with the stream is told by its error listener.
  } finally {
    waiting.abort();
  }
}
