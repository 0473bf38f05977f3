import type { Readable } from 'node:stream';
import { BytePipe, type SharedPipe } from './byte-pipe';

/** Bytes that are on their way to a thread. */
const PIPE_BYTES = 1024 * 1024;

/** A task's input, and the pipe through which the bytes come that it is about. */
export interface Piped<Input> {
  readonly input: Input;
  readonly pipe: SharedPipe;
}

/**
 * Pumps a stream into a pipe while `work` has a thread read it, and leaves nothing of either behind.
 *
 * @throws what broke the stream, which says more than that it broke; else what `work` throws
 */
export async function withPipe<T>(
  stream: Readable,
  work: (pipe: SharedPipe) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const pipe = new BytePipe(PIPE_BYTES);
  void pipe.pump(stream);
  try {
    return await work(pipe.shared);
  } catch (thrown) {
    throw signal?.aborted ? thrown : (pipe.failure ?? thrown);
  } finally {
    pipe.close();
    stream.destroy();
  }
}
