import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { pipeline, Readable } from 'node:stream';
import type { ObjectHead, ObjectStore, ObjectSummary, PutOptions, ReadLimit } from './object-store';
import { boundOf, cutAfter, NOT_AS_WRITTEN, ObjectTooLargeError, type ReadBound } from './read-bound';
import { usesPathStyle, type S3Config } from './s3-config';
import { bucketMissing, fromSdkError, isMissing } from './s3-errors';

/** Larger bodies are uploaded in parts, so that one broken connection does not restart the whole upload. */
const MULTIPART_FROM_BYTES = 32 * 1024 * 1024;
const PART_BYTES = 16 * 1024 * 1024;
/** Parts of a stream that are uploaded concurrently. */
const STREAM_PARTS = 2;
const MAX_ATTEMPTS = 3;
const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** The object store on any S3 server: AWS, SeaweedFS, MinIO, Ceph. */
export class S3ObjectStore implements ObjectStore {
  private readonly client: S3Client;
  private bucketSeen = false;

  constructor(private readonly config: S3Config) {
    this.client = new S3Client({
      region: config.region,
      endpoint: config.endpoint,
      forcePathStyle: usesPathStyle(config),
      credentials: { accessKeyId: config.accessKeyId, secretAccessKey: config.secretAccessKey },
      maxAttempts: MAX_ATTEMPTS,
      // Most S3 servers other than AWS do not know the newer default checksums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    });
  }

  async put(key: string, body: Uint8Array | string, options: PutOptions): Promise<void> {
    const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
    const params = {
      ...this.address(key),
      Body: bytes,
      ContentType: options.contentType,
      ...(options.ifNoneMatch ? { IfNoneMatch: '*' } : {}),
    };
    await this.ask(key, async () => {
      // Some servers create a missing bucket when an object is put into it.
      if (!this.bucketSeen) await this.check();
      if (bytes.byteLength < MULTIPART_FROM_BYTES) await this.client.send(new PutObjectCommand(params));
      else await new Upload({ client: this.client, params, partSize: PART_BYTES }).done();
    });
  }

  async putStream(key: string, body: AsyncIterable<Uint8Array>, options: PutOptions): Promise<void> {
    let broken: { readonly reason: unknown } | undefined;
    const watched = async function* () {
      try {
        yield* body;
      } catch (reason) {
        broken = { reason };
        throw reason;
      }
    };
    await this.ask(key, async () => {
      if (!this.bucketSeen) await this.check();
      const params = {
        ...this.address(key),
        Body: Readable.from(watched(), { objectMode: false }),
        ContentType: options.contentType,
        ...(options.ifNoneMatch ? { IfNoneMatch: '*' } : {}),
      };
      await new Upload({ client: this.client, params, partSize: PART_BYTES, queueSize: STREAM_PARTS }).done();
    }).catch((thrown: unknown) => {
      throw broken ? broken.reason : thrown;
    });
  }

  async get(key: string, limit: ReadLimit): Promise<Buffer> {
    const most = boundOf(limit, this.config);
    return this.ask(key, async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of await this.openWithin(key, most)) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    });
  }

  async getStream(key: string, limit: ReadLimit): Promise<Readable> {
    const bytes = limit === 'document' ? this.config.maxDocumentBytes : limit;
    return this.ask(key, () => this.openWithin(key, { bytes, todo: NOT_AS_WRITTEN }));
  }

  async head(key: string): Promise<ObjectHead | undefined> {
    return this.ask(key, async () => {
      try {
        const answer = await this.client.send(new HeadObjectCommand(this.address(key)));
        return { bytes: answer.ContentLength ?? 0, contentType: answer.ContentType };
      } catch (thrown) {
        if (!isMissing(thrown)) throw thrown;
        await this.check();
        return undefined;
      }
    });
  }

  async list(prefix: string): Promise<ObjectSummary[]> {
    const found: ObjectSummary[] = [];
    const skip = this.fullKey('').length;
    let page: string | undefined;
    do {
      const answer = await this.ask(prefix, () =>
        this.client.send(
          new ListObjectsV2Command({
            Bucket: this.config.bucket,
            Prefix: this.fullKey(prefix),
            ContinuationToken: page,
          }),
        ),
      );
      for (const { Key, Size } of answer.Contents ?? []) {
        if (Key !== undefined) found.push({ key: Key.slice(skip), bytes: Size ?? 0 });
      }
      page = answer.IsTruncated ? answer.NextContinuationToken : undefined;
    } while (page !== undefined);
    return found;
  }

  async delete(key: string): Promise<void> {
    await this.ask(key, () => this.client.send(new DeleteObjectCommand(this.address(key))));
  }

  locate(key: string): string {
    return `s3://${this.config.bucket}/${this.fullKey(key)}`;
  }

  async check(): Promise<void> {
    await this.ask('', async () => {
      try {
        await this.client.send(new HeadBucketCommand({ Bucket: this.config.bucket }));
        this.bucketSeen = true;
      } catch (thrown) {
        throw isMissing(thrown) ? bucketMissing(this.config.bucket, thrown) : thrown;
      }
    });
  }

  /** Closes the open connections. */
  close(): void {
    this.client.destroy();
  }

  /** The bytes of an object that the store says is within the bound; they end with an error where it is not. */
  private async openWithin(key: string, bound: ReadBound): Promise<Readable> {
    const { Body, ContentLength } = await this.client.send(new GetObjectCommand(this.address(key)));
    if (!(Body instanceof Readable)) return Readable.from([]);
    const asked = { bucket: this.config.bucket, key: this.fullKey(key) };
    if (ContentLength !== undefined && ContentLength > bound.bytes) {
      Body.on('error', () => undefined).destroy();
      throw new ObjectTooLargeError(asked.key, ContentLength, bound.bytes, bound.todo);
    }
    const out = cutAfter(asked.key, bound, (thrown) => fromSdkError(thrown, asked));
    pipeline(Body, out, () => undefined);
    return out;
  }

  private address(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.config.bucket, Key: this.fullKey(key) };
  }

  private fullKey(key: string): string {
    return this.config.prefix === '' ? key : `${this.config.prefix}/${key}`;
  }

  private async ask<T>(key: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (thrown) {
      const error = fromSdkError(thrown, { bucket: this.config.bucket, key: this.fullKey(key) });
      // Some servers answer "no such key" if the bucket does not exist.
      if (error.code === 'object-not-found') await this.check();
      throw error;
    }
  }
}
