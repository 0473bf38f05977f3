import { DeleteObjectsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { testServers, type TestStore } from './test-servers';

/** A resource created for one spec; `dispose` removes it with its content. */
export interface Fresh {
  dispose(): Promise<void>;
}

export interface FreshDatabase extends Fresh {
  readonly name: string;
  readonly url: string;
}

export interface FreshBucketPrefix extends Fresh {
  /** Without a trailing slash. */
  readonly prefix: string;
  readonly store: TestStore;
}

/** A unique suffix: 10 hex digits. */
export function freshSuffix(): string {
  return randomBytes(5).toString('hex');
}

/** Unique names for streams, durables, sources etc.: `<name>-<suffix>`, with one suffix for all. */
export function freshNames<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, string>> {
  const suffix = freshSuffix();
  return Object.fromEntries(names.map((name) => [name, `${name}-${suffix}`])) as Record<Name, string>;
}

/**
 * Creates an empty database for the factory.
 *
 * @param prefix of its name, `factory...`, which the factory's user may create
 */
export async function freshDatabase(prefix = 'factory_test'): Promise<FreshDatabase> {
  return createDatabase(testServers().databaseUrl, prefix);
}

/** Creates an empty shop. Its URL is the administrator's; give the code under test a user with a source's grants. */
export async function freshShop(prefix = 'shop_test'): Promise<FreshDatabase> {
  return createDatabase(testServers().sourceAdminUrl, prefix);
}

async function createDatabase(adminUrl: string, prefix: string): Promise<FreshDatabase> {
  const name = `${prefix}_${freshSuffix()}`;
  const url = new URL(adminUrl);
  await execute(adminUrl, `CREATE DATABASE \`${name}\``);
  url.pathname = `/${name}`;
  return { name, url: url.href, dispose: () => execute(adminUrl, `DROP DATABASE IF EXISTS \`${name}\``) };
}

async function execute(url: string, statement: string): Promise<void> {
  const connection = await createConnection(url);
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}

/** A unique prefix of the shared bucket. */
export function freshBucketPrefix(name = 'test'): FreshBucketPrefix {
  const { store } = testServers();
  const prefix = `${name}-${freshSuffix()}`;
  return { prefix, store, dispose: () => removeObjects(store, `${prefix}/`) };
}

/** An S3 client for a test store. */
export function testStoreClient(store: TestStore): S3Client {
  return new S3Client({
    endpoint: store.endpoint,
    region: store.region,
    credentials: { accessKeyId: store.accessKeyId, secretAccessKey: store.secretAccessKey },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

async function removeObjects(store: TestStore, prefix: string): Promise<void> {
  const client = testStoreClient(store);
  try {
    for (;;) {
      const page = await client.send(new ListObjectsV2Command({ Bucket: store.bucket, Prefix: prefix }));
      const objects = (page.Contents ?? []).map(({ Key }) => ({ Key }));
      if (objects.length === 0) return;
      await client.send(new DeleteObjectsCommand({ Bucket: store.bucket, Delete: { Objects: objects } }));
    }
  } finally {
    client.destroy();
  }
}
