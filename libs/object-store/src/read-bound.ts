import { FactoryError } from '@factory/domain';
import { Transform } from 'node:stream';
import type { ReadLimit } from './object-store';
import type { S3Config } from './s3-config';

/** An object is longer than its reader takes: it was replaced, or its limit is too low. Nothing of it is used. */
export class ObjectTooLargeError extends FactoryError {
  /**
   * @param bytes its size as the store states it; `undefined` where it states none, or a wrong one
   * @param limit most bytes that are read of it
   * @param todo what to do, a sentence that starts with a verb
   */
  constructor(
    readonly key: string,
    readonly bytes: number | undefined,
    readonly limit: number,
    todo: string,
  ) {
    const size = bytes === undefined ? 'more' : `${bytes} bytes, more`;
    super('object-too-large', `${key} has ${size} than the ${limit} that are read of it: ${todo}`, false);
  }
}

/** How much of an object is read at most, and what to do about a longer one. */
export interface ReadBound {
  readonly bytes: number;
  readonly todo: string;
}

/** About an object that is longer than its reference says. */
export const NOT_AS_WRITTEN = 'restore the object, or make it again: it is not what was written';
const NO_DOCUMENT =
  'delete it, or restore it: it is no file of the factory. If it is one, raise S3_MAX_DOCUMENT_KIB';
const MORE_MEMORY = 'raise S3_MAX_OBJECT_MIB, and the memory of the service, if a model may be this large';

/** The bound of an object that is read into memory. */
export function boundOf(
  limit: ReadLimit,
  { maxDocumentBytes, maxObjectBytes }: Pick<S3Config, 'maxDocumentBytes' | 'maxObjectBytes'>,
): ReadBound {
  if (limit === 'document') return { bytes: maxDocumentBytes, todo: NO_DOCUMENT };
  if (limit > maxObjectBytes) return { bytes: maxObjectBytes, todo: MORE_MEMORY };
  return { bytes: limit, todo: NOT_AS_WRITTEN };
}

/**
 * Passes bytes on, and fails where there are more than the bound: a store may state a wrong size, or none.
 *
 * @param translated what an error of the connection is for the reader
 */
export function cutAfter(key: string, bound: ReadBound, translated: (thrown: unknown) => Error): Transform {
  let bytes = 0;
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      if (bytes > bound.bytes) done(new ObjectTooLargeError(key, undefined, bound.bytes, bound.todo));
      else done(null, chunk);
    },
    destroy: (thrown, done) => done(thrown && translated(thrown)),
  });
}
