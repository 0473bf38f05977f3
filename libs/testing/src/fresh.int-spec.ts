import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { freshBucketPrefix, freshDatabase, freshNames, freshShop, testStoreClient } from './fresh';

describe('resources created for one spec', () => {
  it.each([
    ['a database', freshDatabase],
    ['a shop', freshShop],
  ])('%s is empty, usable, and removed when disposed of', async (_what, make) => {
    const made = await make();
    const connection = await createConnection(made.url);
    await connection.query('CREATE TABLE mine (id INT PRIMARY KEY)');
    await made.dispose();
    const [rows] = await connection.query<RowDataPacket[]>('SHOW DATABASES LIKE ?', [made.name]);
    await connection.end();
    expect(rows).toEqual([]);
  });

  it('uses utf8mb4, UTC and read committed', async () => {
    const { url, dispose } = await freshDatabase();
    const connection = await createConnection(url);
    // MariaDB and MySQL name the isolation level differently.
    const [rows] = await connection.query<RowDataPacket[]>(
      "SHOW VARIABLES WHERE Variable_name RLIKE '^(time_zone|character_set_server|(tx|transaction)_isolation)$'",
    );
    await connection.end();
    await dispose();
    expect(rows.map(({ Value }) => String(Value)).sort()).toEqual(['+00:00', 'READ-COMMITTED', 'utf8mb4']);
  });

  it('a bucket prefix is emptied when disposed of, its neighbours are not', async () => {
    const [mine, neighbour] = [freshBucketPrefix(), freshBucketPrefix()];
    const client = testStoreClient(mine.store);
    const Bucket = mine.store.bucket;
    for (const { prefix } of [mine, neighbour]) {
      await client.send(new PutObjectCommand({ Bucket, Key: `${prefix}/folder/object`, Body: 'x' }));
    }
    const keysOf = async (Prefix: string) =>
      (await client.send(new ListObjectsV2Command({ Bucket, Prefix }))).Contents?.map(({ Key }) => Key) ?? [];
    await mine.dispose();
    expect(await keysOf(`${mine.prefix}/`)).toEqual([]);
    expect(await keysOf(`${neighbour.prefix}/`)).toEqual([`${neighbour.prefix}/folder/object`]);
    await neighbour.dispose();
    client.destroy();
  });

  it('names share one suffix within a call and none between calls', () => {
    const first = freshNames('stream', 'durable');
    const second = freshNames('stream');
    expect(first.stream.replace('stream-', '')).toBe(first.durable.replace('durable-', ''));
    expect(second.stream).not.toBe(first.stream);
  });
});
