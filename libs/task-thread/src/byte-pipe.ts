/// <reference lib="es2024.sharedmemory" />
import { FactoryError } from '@factory/domain';

/** The shared memory of both ends; pass it to the thread with its task. */
export interface SharedPipe {
  /** [1]; number of bytes waiting to be read, and the flags below. */
  readonly state: Int32Array;
  readonly bytes: Uint8Array;
}

/** The state's bits: buffered bytes, and flags; used here and in `byte-outlet`. */
export const FULL = (1 << 28) - 1;
export const ENDED = 1 << 28;
export const FAILED = 1 << 29;
export const CLOSED = 1 << 30;

/**
 * The writing end of a pipe of bytes to a worker thread, for a thread that must never block: it buffers at most
 * the pipe's capacity, so that a file of any size needs little memory. One writer, one reader.
 */
export class BytePipe {
  readonly shared: SharedPipe;
  /** The reason given to `fail`. */
  failure: unknown;
  private at = 0;

  /** @param capacity in bytes, below 256 MiB */
  constructor(capacity: number) {
    const size = Math.min(capacity, FULL);
    this.shared = {
      state: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
      bytes: new Uint8Array(new SharedArrayBuffer(size)),
    };
  }

  /**
   * Writes a chunk, waiting for space without blocking.
   *
   * @returns false if the pipe was closed: nobody reads any more
   */
  async write(chunk: Uint8Array): Promise<boolean> {
    const { state, bytes } = this.shared;
    let rest = chunk;
    for (;;) {
      const now = Atomics.load(state, 0);
      if ((now & CLOSED) !== 0) return false;
      if (rest.length === 0) return true;
      const room = bytes.length - (now & FULL);
      if (room === 0) {
        const change = Atomics.waitAsync(state, 0, now);
        if (change.async) await change.value;
        continue;
      }
      const part = rest.subarray(0, Math.min(room, bytes.length - this.at));
      bytes.set(part, this.at);
      this.at = (this.at + part.length) % bytes.length;
      rest = rest.subarray(part.length);
      Atomics.add(state, 0, part.length);
      Atomics.notify(state, 0);
    }
  }

  /**
   * Writes all of a stream and ends, or fails if the stream fails; returns early when the pipe is closed. Never
   * throws: the reader gets an error that bytes are missing, `failure` has the reason.
   */
  async pump(stream: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of stream) if (!(await this.write(chunk))) return;
      this.mark(ENDED);
    } catch (thrown) {
      this.failure = thrown;
      this.mark(FAILED);
    }
  }

  /** Ends a `pump` in progress: its reader has stopped. */
  close(): void {
    this.mark(CLOSED);
  }

  private mark(flag: number): void {
    Atomics.or(this.shared.state, 0, flag);
    Atomics.notify(this.shared.state, 0);
  }
}

/** The reading end, for a worker thread: it blocks until the requested bytes are available. */
export class BytePipeReader {
  private at = 0;

  constructor(private readonly shared: SharedPipe) {}

  /**
   * Fills `into` from its start.
   *
   * @returns the number of bytes: less than the length of `into` only when the stream ended
   * @throws FactoryError `stream-broken` when the writing end failed
   */
  read(into: Uint8Array): number {
    const { state, bytes } = this.shared;
    let done = 0;
    while (done < into.length) {
      const now = Atomics.load(state, 0);
      const held = now & FULL;
      if (held === 0) {
        if ((now & FAILED) !== 0) throw new FactoryError('stream-broken', 'the bytes ended too early', true);
        if ((now & ENDED) !== 0) break;
        Atomics.wait(state, 0, now);
        continue;
      }
      const length = Math.min(held, into.length - done, bytes.length - this.at);
      into.set(bytes.subarray(this.at, this.at + length), done);
      this.at = (this.at + length) % bytes.length;
      done += length;
      Atomics.sub(state, 0, length);
      Atomics.notify(state, 0);
    }
    return done;
  }
}
