import { freshBucketPrefix, freshDatabase, freshShop, type Fresh } from './fresh';
import { restartableServer } from './restartable-server';

/** Servers for one spec that uses the factory's own stream names: a separate broker, the rest on the shared servers. */
export interface FreshServers extends Fresh {
  /** By environment variable; `SOURCE_ADMIN_URL` leads to an empty shop. */
  readonly env: Readonly<Record<string, string>>;
  /** Name of the shop's database. */
  readonly shop: string;
}

/** Creates an empty ledger database, an empty shop, an unused prefix of the bucket, and a broker. */
export async function freshServers(): Promise<FreshServers> {
  const [broker, database, shop] = await Promise.all([
    restartableServer('broker'),
    freshDatabase(),
    freshShop(),
  ]);
  const bucket = freshBucketPrefix('servers');
  const { store } = bucket;
  return {
    env: {
      NATS_URL: broker.env['NATS_URL'] ?? '',
      FACTORY_DATABASE_URL: database.url,
      SOURCE_ADMIN_URL: shop.url,
      S3_ENDPOINT: store.endpoint,
      S3_REGION: store.region,
      S3_ACCESS_KEY_ID: store.accessKeyId,
      S3_SECRET_ACCESS_KEY: store.secretAccessKey,
      S3_BUCKET: store.bucket,
      S3_PREFIX: bucket.prefix,
    },
    shop: shop.name,
    dispose: async () => {
      await Promise.all([broker.dispose(), database.dispose(), shop.dispose(), bucket.dispose()]);
    },
  };
}
