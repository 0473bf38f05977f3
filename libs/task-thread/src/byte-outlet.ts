/// <reference lib="es2024.sharedmemory" />
import { FactoryError, codeOf } from '@factory/domain';
import { CLOSED, ENDED, FAILED, FULL, type SharedPipe } from './byte-pipe';

const CLOSED_CODE = 'stream-closed';
/** Bytes per chunk. */
const CHUNK_BYTES = 256 * 1024;

/** The writing end of a pipe out of a worker thread: it blocks while the pipe is full. */
export class ByteOutletWriter {
  private at = 0;

  constructor(private readonly shared: SharedPipe) {}

  /** Writes a chunk. @throws FactoryError `stream-closed` when nobody reads any more */
  write(chunk: Uint8Array): void {
    const { state, bytes } = this.shared;
    let rest = chunk;
    while (rest.length > 0) {
      const now = Atomics.load(state, 0);
      if ((now & CLOSED) !== 0) throw new FactoryError(CLOSED_CODE, 'nobody reads these bytes', true);
      const room = bytes.length - (now & FULL);
      if (room === 0) {
        Atomics.wait(state, 0, now);
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
}

/** The reading end, for a thread that must never block. One writer, one reader. */
export class ByteOutlet {
  readonly shared: SharedPipe;
  private at = 0;
  private failure: unknown;

  /** @param capacity in bytes, below 256 MiB */
  constructor(capacity: number) {
    this.shared = {
      state: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
      bytes: new Uint8Array(new SharedArrayBuffer(Math.min(capacity, FULL))),
    };
  }

  /** The bytes as they arrive, as new chunks; can be iterated once. @throws the reason given to `fail` */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const { state, bytes } = this.shared;
    try {
      for (;;) {
        const now = Atomics.load(state, 0);
        if ((now & FAILED) !== 0) throw this.failure;
        const held = now & FULL;
        if (held === 0) {
          if ((now & ENDED) !== 0) return;
          const change = Atomics.waitAsync(state, 0, now);
          if (change.async) await change.value;
          continue;
        }
        const length = Math.min(held, CHUNK_BYTES, bytes.length - this.at);
        const chunk = bytes.slice(this.at, this.at + length);
        this.at = (this.at + length) % bytes.length;
        Atomics.sub(state, 0, length);
        Atomics.notify(state, 0);
        yield chunk;
      }
    } finally {
      this.mark(CLOSED);
    }
  }

  /** Everything was written. */
  end(): void {
    this.mark(ENDED);
  }

  /** No more bytes will come, and they are incomplete. */
  fail(reason: unknown): void {
    this.failure ??= reason;
    this.mark(FAILED);
  }

  /** Nobody reads any more: the writer's next write fails. */
  close(): void {
    this.mark(CLOSED);
  }

  private mark(flag: number): void {
    Atomics.or(this.shared.state, 0, flag);
    Atomics.notify(this.shared.state, 0);
  }
}

/** Capacity of the pipe out of a thread. */
const OUTLET_BYTES = 1024 * 1024;

/**
 * Makes a thread write bytes while they are used as they arrive.
 *
 * @param work gets the pipe to write to, and has written everything when its promise is fulfilled
 * @throws the error of the thread, or else of the use of its bytes
 */
export async function withOutlet<T, R>(
  work: (out: SharedPipe) => Promise<T>,
  use: (chunks: AsyncIterable<Uint8Array>) => Promise<R>,
): Promise<[T, R]> {
  const outlet = new ByteOutlet(OUTLET_BYTES);
  const working = work(outlet.shared);
  void working.then(
    () => outlet.end(),
    (reason: unknown) => outlet.fail(reason),
  );
  const using = use(outlet.chunks());
  // A reader that stops early must not leave the thread waiting for space.
  void using.then(
    () => outlet.close(),
    () => outlet.close(),
  );
  const [done, used] = await Promise.allSettled([working, using]);
  // If the thread found its pipe closed, the reader's error is the cause, even if it comes later.
  if (used.status === 'rejected' && (done.status === 'fulfilled' || codeOf(done.reason) === CLOSED_CODE))
    throw used.reason;
  if (done.status === 'rejected') throw done.reason;
  return [done.value, (used as PromiseFulfilledResult<R>).value];
}
