import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

/** @import { SandboxEnvironment } from './environment.mjs' */

/** Reads, or corrupts, the factory's objects on S3, without the factory's own code. Keys are without the prefix. */
export class Bucket {
  /** @param {SandboxEnvironment} env */
  constructor(env) {
    this.client = new S3Client({
      endpoint: env.S3_ENDPOINT,
      region: env.S3_REGION,
      credentials: { accessKeyId: env.S3_ACCESS_KEY_ID, secretAccessKey: env.S3_SECRET_ACCESS_KEY },
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    this.bucket = env.S3_BUCKET;
    this.prefix = env.S3_PREFIX ? `${env.S3_PREFIX}/` : '';
  }

  /**
   * @param {string} key
   * @returns {Promise<Buffer>}
   */
  async get(key) {
    const answer = await this.client.send(
      new GetObjectCommand({ Bucket: this.bucket, Key: `${this.prefix}${key}` }),
    );
    if (!answer.Body) throw new Error(`${key}: the store's answer has no body`);
    return Buffer.from(await answer.Body.transformToByteArray());
  }

  /**
   * @template Content type of the content, known to the caller
   * @param {string} key
   * @returns {Promise<Content>}
   */
  async json(key) {
    return JSON.parse((await this.get(key)).toString('utf8'));
  }

  /**
   * @param {string} key
   * @param {string | Uint8Array} body
   */
  async put(key, body) {
    await this.client.send(
      new PutObjectCommand({ Bucket: this.bucket, Key: `${this.prefix}${key}`, Body: body }),
    );
  }

  /**
   * @param {string} under
   * @returns {Promise<string[]>} keys
   */
  async list(under) {
    /** @type {string[]} */
    const keys = [];
    /** @type {string | undefined} */
    let page;
    do {
      /** @type {import('@aws-sdk/client-s3').ListObjectsV2CommandOutput} */
      const answer = await this.client.send(
        new ListObjectsV2Command({
          Bucket: this.bucket,
          Prefix: `${this.prefix}${under}`,
          ContinuationToken: page,
        }),
      );
      keys.push(...(answer.Contents ?? []).flatMap(({ Key }) => Key?.slice(this.prefix.length) ?? []));
      page = answer.IsTruncated ? answer.NextContinuationToken : undefined;
    } while (page);
    return keys;
  }

  close() {
    this.client.destroy();
  }
}
