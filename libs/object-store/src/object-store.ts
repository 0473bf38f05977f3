import type { Readable } from 'node:stream';

export interface PutOptions {
  /** MIME type stored with the object. */
  readonly contentType: string;
  /** Write only if the key does not exist; otherwise refused with `object-exists`. Default false. */
  readonly ifNoneMatch?: boolean;
}

export interface ObjectHead {
  readonly bytes: number;
  readonly contentType: string | undefined;
}

export interface ObjectSummary {
  readonly key: string;
  readonly bytes: number;
}

/**
 * How much of an object is read at most: the size in its reference, bytes, or `document` for what nobody has
 * recorded the size of (`champion.json`, `manifest.json`): the store's own limit.
 */
export type ReadLimit = number | 'document';

/**
 * The store of artefacts: keys without the deployment's prefix, bodies as bytes.
 *
 * Every method throws `ServerAwayError` (server `store`) if the store cannot be used: `store-away`, or
 * `store-access-denied`, `store-missing` (the bucket), `store-busy`, `store-full`.
 */
export interface ObjectStore {
  /** @throws FactoryError `object-exists` with `ifNoneMatch` if the key exists */
  put(key: string, body: Uint8Array | string, options: PutOptions): Promise<void>;
  /**
   * Writes an object as its bytes arrive; only parts of it are in memory. If the bytes end with an error,
   * nothing is written and that error is thrown.
   */
  putStream(key: string, body: AsyncIterable<Uint8Array>, options: PutOptions): Promise<void>;
  /**
   * The whole object, in memory; never more than the store's own limit of those, whatever `limit` says.
   *
   * @throws FactoryError `object-not-found`; ObjectTooLargeError, before its bytes are read
   */
  get(key: string, limit: ReadLimit): Promise<Buffer>;
  /**
   * The object as a stream of its bytes; if the connection breaks, the stream fails with `ServerAwayError`, and where
   * more bytes come than the store stated, with `ObjectTooLargeError`.
   *
   * @throws FactoryError `object-not-found`; ObjectTooLargeError
   */
  getStream(key: string, limit: ReadLimit): Promise<Readable>;
  /** Size and type, or undefined if it does not exist. */
  head(key: string): Promise<ObjectHead | undefined>;
  /** All objects whose key starts with `prefix`, by key, over all pages. */
  list(prefix: string): Promise<ObjectSummary[]>;
  /** Succeeds even if it does not exist. */
  delete(key: string): Promise<void>;
  /** `s3://bucket/prefix/key`, for people and for the run tables. */
  locate(key: string): string;
  /** Succeeds if the store answers and the bucket exists: for startup and readiness. */
  check(): Promise<void>;
}
