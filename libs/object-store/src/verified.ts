import { createHash } from 'node:crypto';
import type { ArtefactRef } from '@factory/contracts';
import { IntegrityError } from '@factory/domain';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ObjectStore, PutOptions } from './object-store';

/** SHA-256 as 64 lower-case hex digits. */
export function sha256Of(body: Uint8Array | string): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Writes the object and returns the reference for its readers. */
export async function putVerified(
  store: Pick<ObjectStore, 'put'>,
  key: string,
  body: Uint8Array | string,
  options: PutOptions,
): Promise<ArtefactRef> {
  await store.put(key, body, options);
  return { key, sha256: sha256Of(body), bytes: Buffer.byteLength(body) };
}

/**
 * Writes an object as its bytes arrive and returns the reference for its readers.
 *
 * @throws as `ObjectStore.putStream`
 */
export async function putVerifiedStream(
  store: Pick<ObjectStore, 'putStream'>,
  key: string,
  body: AsyncIterable<Uint8Array>,
  options: PutOptions,
): Promise<ArtefactRef> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = async function* () {
    for await (const chunk of body) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      yield chunk;
    }
  };
  await store.putStream(key, counted(), options);
  return { key, sha256: hash.digest('hex'), bytes };
}

/**
 * Reads the object and checks it against its reference.
 *
 * @throws IntegrityError, ObjectTooLargeError if it is not what was written
 * @throws FactoryError `object-not-found`
 */
export async function getVerified(store: Pick<ObjectStore, 'get'>, ref: ArtefactRef): Promise<Buffer> {
  const body = await store.get(ref.key, ref.bytes);
  const actual = sha256Of(body);
  if (actual !== ref.sha256) throw new IntegrityError(ref.key, ref.sha256, actual);
  return body;
}

/**
 * Reads a stream to its end and compares its hash, without keeping it. For files that are too large for memory:
 * reading them piece by piece would interpret unverified bytes, and a damaged length alone can exhaust memory
 * or cause an endless loop.
 *
 * @throws IntegrityError if the bytes are not those that were written
 * @throws the error of the stream, or why `signal` was aborted
 */
export async function verifyStream(
  stream: Readable,
  ref: Pick<ArtefactRef, 'key' | 'sha256'>,
  signal?: AbortSignal,
): Promise<void> {
  const hash = createHash('sha256');
  stream.on('data', (chunk: Uint8Array) => hash.update(chunk));
  try {
    await finished(stream, { signal, writable: false });
  } catch (thrown) {
    throw signal?.aborted ? signal.reason : thrown;
  } finally {
    stream.destroy();
  }
  const actual = hash.digest('hex');
  if (actual !== ref.sha256) throw new IntegrityError(ref.key, ref.sha256, actual);
}

/**
 * Opens an object for reading piece by piece, after a first pass has verified its bytes.
 *
 * @throws as `verifyStream`
 */
export async function openVerified(
  store: Pick<ObjectStore, 'getStream'>,
  ref: ArtefactRef,
  signal?: AbortSignal,
): Promise<Readable> {
  await verifyStream(await store.getStream(ref.key, ref.bytes), ref, signal);
  return store.getStream(ref.key, ref.bytes);
}
