import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

/** Reads, or spoils, what the factory left on S3, without the factory's own code. Keys are without the prefix. */
export class Bucket {
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

  /** @returns {Promise<Buffer>} */
  async get(key) {
    const answer = await this.client.send(
      new GetObjectCommand({ Bucket: this.bucket, Key: `${this.prefix}${key}` }),
    );
    return Buffer.from(await answer.Body.transformToByteArray());
  }

  async json(key) {
    return JSON.parse((await this.get(key)).toString('utf8'));
  }

  async put(key, body) {
    await this.client.send(
      new PutObjectCommand({ Bucket: this.bucket, Key: `${this.prefix}${key}`, Body: body }),
    );
  }

  /** @returns {Promise<string[]>} keys */
  async list(under) {
    const keys = [];
    let page;
    do {
      const answer = await this.client.send(
        new ListObjectsV2Command({
          Bucket: this.bucket,
          Prefix: `${this.prefix}${under}`,
          ContinuationToken: page,
        }),
      );
      keys.push(...(answer.Contents ?? []).map(({ Key }) => Key.slice(this.prefix.length)));
      page = answer.IsTruncated ? answer.NextContinuationToken : undefined;
    } while (page);
    return keys;
  }

  close() {
    this.client.destroy();
  }
}
