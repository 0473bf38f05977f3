// Copies files from the factory's bucket into a folder: node fetch.mjs PREFIX FOLDER Uses the same variables as the
// services: S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_BUCKET, S3_PREFIX.
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [prefix, folder] = process.argv.slice(2);
if (!prefix || !folder) throw new Error('usage: node fetch.mjs PREFIX FOLDER');
const { S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_BUCKET, S3_PREFIX } = process.env;

const store = new S3Client({
  endpoint: S3_ENDPOINT,
  region: S3_REGION,
  forcePathStyle: true,
  credentials: { accessKeyId: S3_ACCESS_KEY_ID, secretAccessKey: S3_SECRET_ACCESS_KEY },
});
const top = S3_PREFIX ? `${S3_PREFIX}/${prefix}` : prefix;

let ContinuationToken;
do {
  const page = await store.send(
    new ListObjectsV2Command({ Bucket: S3_BUCKET, Prefix: top, ContinuationToken }),
  );
  for (const { Key } of page.Contents ?? []) {
    const { Body } = await store.send(new GetObjectCommand({ Bucket: S3_BUCKET, Key }));
    const file = join(folder, Key.slice(top.length));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, await Body.transformToByteArray());
    console.log(file);
  }
  ContinuationToken = page.NextContinuationToken;
} while (ContinuationToken);
