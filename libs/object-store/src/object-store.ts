import type { Readable } from 'node:stream';

export interface PutOptions {
  /** MIME type stored with the object. */
  readonly contentType: string;
  /** Write only where nothing is yet; refused with `object-exists` otherwise. Default false. */
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
 * Where artefacts are: keys without the deployment's prefix, bodies as bytes.
 *
 * Every method throws `ServerAwayError` (server `store`) when the store cannot be used: `store-away`, or
 * `store-access-denied`, `store-missing` (the bucket), `store-busy`, `store-full` when it refuses as a whole.
 */
export interface ObjectStore {
  /** @throws FactoryError `object-exists` with `ifNoneMatch` where something is already */
  put(key: string, body: Uint8Array | string, options: PutOptions): Promise<void>;
  /**
   * Writes an object as its bytes come; a part of it, and nothing larger, is in memory. If the bytes end with an error
   * nothing is written, and that error is thrown.
   */
  putStream(key: string, body: AsyncIterable<Uint8Array>, options: PutOptions): Promise<void>;
  /** @throws FactoryError `object-not-found` */
  get(key: string): Promise<Buffer>;
  /**
   * The object as its bytes arrive; a connection that breaks fails the stream with `ServerAwayError`.
   *
   * @throws FactoryError `object-not-found`
   */
  getStream(key: string): Promise<Readable>;
  /** Size and type, or undefined where nothing is. */
  head(key: string): Promise<ObjectHead | undefined>;
  /** Every object whose key starts with `prefix`, by key, over all pages. */
  list(prefix: string): Promise<ObjectSummary[]>;
  /** Succeeds also where nothing is. */
  delete(key: string): Promise<void>;
  /** `s3://bucket/prefix/key`, for people and for the run tables. */
  locate(key: string): string;
  /** Succeeds when the store answers and the bucket is there: for boot and readiness. */
  check(): Promise<void>;
}
