import type { Readable } from 'node:stream';
import { BytePipe, type SharedPipe } from './byte-pipe';

/** Capacity of the pipe to a thread. */
const PIPE_BYTES = 1024 * 1024;

/** A task's input, and the pipe with the bytes to process. */
export interface Piped<Input> {
  readonly input: Input;
  readonly pipe: SharedPipe;
}

/**
 * Pumps a stream into a pipe while `work` makes a thread read it, and cleans up both.
 *
 * @throws the error of the stream, which explains why it failed; otherwise the error of `work`
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
