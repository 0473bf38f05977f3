import { createHash } from 'node:crypto';
import type { ArtefactRef } from '@factory/contracts';
import { BadInputError, IntegrityError } from '@factory/domain';

/** Bytes in order, for a worker thread: reading may block. */
export interface ByteSource {
  /**
   * Fills `into` from its start. @returns the number of bytes: less than the length of `into` only at the end
   */
  read(into: Uint8Array): number;
}

/** Bytes in order, with a known total. */
export interface SizedSource {
  /** Bytes not yet read, according to the reference. */
  readonly left: number;
  /** Fills all of `into`. @throws BadInputError `file-cut-off` */
  fill(into: Uint8Array): void;
}

/** Buffer for the bytes that `work` did not read. */
const REST_BYTES = 65_536;

/**
 * Passes an artefact's bytes to `work` as they arrive, without keeping them, and returns the result only if all
 * bytes together match the reference. An error of `work` is only thrown then, too: with other bytes it means
 * nothing.
 *
 * @throws IntegrityError if the bytes are not those that were written
 * @throws what `source` throws if its bytes end too early, and what `work` throws
 */
export function readVerified<T>(
  source: ByteSource,
  ref: Pick<ArtefactRef, 'key' | 'sha256' | 'bytes'>,
  work: (verified: SizedSource) => T,
): T {
  const counted = new HashedSource(source, ref);
  try {
    const result = work(counted);
    counted.verify();
    return result;
  } catch (thrown) {
    counted.verify();
    throw thrown;
  }
}

class HashedSource implements SizedSource {
  left: number;
  private readonly hash = createHash('sha256');
  private actual: string | undefined;

  constructor(
    private readonly source: ByteSource,
    private readonly ref: Pick<ArtefactRef, 'key' | 'sha256' | 'bytes'>,
  ) {
    this.left = ref.bytes;
  }

  fill(into: Uint8Array): void {
    const { key } = this.ref;
    if (into.length <= this.left && this.take(into) === into.length) return;
    throw new BadInputError('file-cut-off', {
      field: key,
      value: this.ref.bytes,
      todo: 'write the file again: it ends in the middle',
    });
  }

  /** Reads the rest and compares the hash. @throws IntegrityError */
  verify(): void {
    if (this.actual === undefined) {
      const rest = new Uint8Array(REST_BYTES);
      while (this.take(rest) === rest.length);
      this.actual = this.hash.digest('hex');
    }
    const { key, sha256 } = this.ref;
    if (this.actual !== sha256) throw new IntegrityError(key, sha256, this.actual);
  }

  private take(into: Uint8Array): number {
    const length = this.source.read(into);
    this.hash.update(length === into.length ? into : into.subarray(0, length));
    this.left -= length;
    return length;
  }
}
