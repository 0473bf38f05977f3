/// <reference lib="es2024.sharedmemory" />
import { FactoryError, codeOf } from '@factory/domain';
import { CLOSED, ENDED, FAILED, FULL, type SharedPipe } from './byte-pipe';

const CLOSED_CODE = 'stream-closed';
/** Bytes handed on at a time. */
const CHUNK_BYTES = 256 * 1024;

/** The writing end of a pipe out of a worker thread: it blocks while there is no room. */
export class ByteOutletWriter {
  private at = 0;

  constructor(private readonly shared: SharedPipe) {}

  /** Copies a chunk in. @throws FactoryError `stream-closed` when nobody reads any more */
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

/** The reading end, for the thread that must never wait. One writer, one reader. */
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

  /** The bytes as they come, in chunks of their own; to be gone through once. @throws what `fail` was told */
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

  /** No more will come, and what came is not all. */
  fail(reason: unknown): void {
    this.failure ??= reason;
    this.mark(FAILED);
  }

  /** Nobody reads any more: the writer is told when it writes on. */
  close(): void {
    this.mark(CLOSED);
  }

  private mark(flag: number): void {
    Atomics.or(this.shared.state, 0, flag);
    Atomics.notify(this.shared.state, 0);
  }
}

/** Bytes that are on their way out of a thread. */
const OUTLET_BYTES = 1024 * 1024;

/**
 * Has a thread write bytes while they are used as they come.
 *
 * @param work gets the pipe to write to, and has written everything when its promise is fulfilled
 * @throws what went wrong in the thread, or else where its bytes are used
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
  // Who reads no further than needed must not leave the thread waiting for room.
  void using.then(
    () => outlet.close(),
    () => outlet.close(),
  );
  const [done, used] = await Promise.allSettled([working, using]);
  // A thread that found its pipe closed knows less than who closed it, however late that one is with its reason.
  if (used.status === 'rejected' && (done.status === 'fulfilled' || codeOf(done.reason) === CLOSED_CODE))
    throw used.reason;
  if (done.status === 'rejected') throw done.reason;
  return [done.value, (used as PromiseFulfilledResult<R>).value];
}
