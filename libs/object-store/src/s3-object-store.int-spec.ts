import { randomBytes } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { freshBucketPrefix, freshSuffix } from '@factory/testing';
import { describeObjectStore } from './object-store-conformance';
import { s3ConfigSchema } from './s3-config';
import { S3ObjectStore } from './s3-object-store';

const fresh = freshBucketPrefix('object-store');
const { prefix } = fresh;
const open: S3ObjectStore[] = [];

function storeWith(more: object = {}): S3ObjectStore {
  const store = new S3ObjectStore(s3ConfigSchema.parse({ ...fresh.store, prefix, ...more }));
  open.push(store);
  return store;
}

/** Forwards connections to the store, and ends each after this many bytes of the answer. */
async function breakingProxy(target: string, afterBytes: number) {
  const { hostname, port } = new URL(target);
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let bytes = 0;
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes < afterBytes) client.write(chunk);
      else [client, upstream].forEach((socket) => socket.destroy());
    });
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${own}`, close: () => server.close() };
}

afterAll(async () => {
  for (const one of open) one.close();
  await fresh.dispose();
});

describe('the S3 store', () => {
  describeObjectStore(() => storeWith());

  it('lists more objects than fit on one page of the server', async () => {
    const store = storeWith();
    const keys = Array.from({ length: 1_003 }, (_, at) => `pages/${String(at).padStart(4, '0')}`);
    for (let from = 0; from < keys.length; from += 50) {
      const some = keys.slice(from, from + 50);
      await Promise.all(some.map((key) => store.put(key, key, { contentType: 'text/plain' })));
    }
    expect((await store.list('pages/')).map(({ key }) => key)).toEqual(keys);
  }, 60_000);

  it('keeps deployments that share a bucket apart by their prefix', async () => {
    const store = storeWith();
    await store.put('mine', 'x', { contentType: 'text/plain' });
    expect(await storeWith({ prefix: `${prefix}/other` }).head('mine')).toBeUndefined();
    expect(await storeWith({ prefix: '' }).head(`${prefix}/mine`)).toMatchObject({ bytes: 1 });
    expect(store.locate('mine')).toBe(`s3://${fresh.store.bucket}/${prefix}/mine`);
  });

  it('fails a stream whose connection breaks as unavailable, to be retried', async () => {
    const body = randomBytes(4_000_000);
    await storeWith().put('broken', body, { contentType: 'application/octet-stream' });
    const breaking = await breakingProxy(fresh.store.endpoint, 1_000_000);
    try {
      const stream = await storeWith({ endpoint: breaking.endpoint }).getStream('broken', body.length);
      let bytes = 0;
      const read = async () => {
        for await (const chunk of stream) bytes += (chunk as Buffer).length;
      };
      await expect(read()).rejects.toMatchObject({ code: 'store-away', retryable: true });
      expect(bytes).toBeGreaterThan(0);
      expect(bytes).toBeLessThan(body.length);
    } finally {
      breaking.close();
    }
  });

  it('answers its check while bucket and keys are right', async () => {
    await expect(storeWith().check()).resolves.toBeUndefined();
  });
});

describe('an object that somebody has put into the bucket', () => {
  const MIB = 1_048_576;
  /** So large that nobody could hold it in memory. */
  const BYTES = 300 * MIB;

  beforeAll(async () => {
    const zeros = async function* () {
      for (let at = 0; at < BYTES; at += MIB) yield Buffer.alloc(MIB);
    };
    await storeWith().putStream('flood', zeros(), { contentType: 'application/json' });
  }, 120_000);

  it('is refused by its size, with key, size and limit, and hardly anything is read', async () => {
    const before = process.memoryUsage().rss;
    const refused = storeWith().get('flood', 'document');
    await expect(refused).rejects.toMatchObject({
      code: 'object-too-large',
      key: `${prefix}/flood`,
      bytes: BYTES,
      limit: MIB,
      message: expect.stringMatching(/raise S3_MAX_DOCUMENT_KIB$/) as string,
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
  });

  it('is refused if more is in memory than the store allows, whatever its reference says', async () => {
    const refused = storeWith({ maxObjectBytes: 10 * MIB }).get('flood', BYTES);
    await expect(refused).rejects.toMatchObject({
      limit: 10 * MIB,
      message: expect.stringMatching(/S3_MAX_OBJECT_MIB/) as string,
    });
  });

  it('is cut off where a store sends more than it says', async () => {
    const server = createHttpServer((_request, response) => {
      // Without a length: the bytes never end.
      response.writeHead(200, { 'content-type': 'application/json' });
      const write = (): void => void response.write(Buffer.alloc(65_536), () => setImmediate(write));
      write();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const lying = storeWith({ endpoint: `http://127.0.0.1:${port}` });
    try {
      const refused = { code: 'object-too-large', bytes: undefined, limit: MIB };
      await expect(lying.get('flood', 'document')).rejects.toMatchObject(refused);
      const read = async () => {
        for await (const chunk of await lying.getStream('flood', MIB)) expect(chunk).toBeDefined();
      };
      await expect(read()).rejects.toMatchObject(refused);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('an S3 store that cannot be used', () => {
  /** The error of each method, whatever the request. */
  const answersOf = async (store: S3ObjectStore): Promise<unknown[]> => {
    const asks: (() => Promise<unknown>)[] = [
      () => store.put('a', 'b', { contentType: 'text/plain' }),
      () => store.check(),
      () => store.get('a', 'document'),
      () => store.head('a'),
      () => store.list('a'),
    ];
    const answers: unknown[] = [];
    for (const ask of asks) answers.push(await ask().catch((thrown: unknown) => thrown));
    return answers;
  };
  const five = (error: object) => new Array(5).fill(expect.objectContaining(error));

  it('is unavailable, to be waited for, if nothing listens there', async () => {
    const answers = await answersOf(storeWith({ endpoint: 'http://127.0.0.1:1' }));
    expect(answers).toEqual(five({ code: 'store-away', retryable: true }));
  });

  it('names the bucket that does not exist', async () => {
    const bucket = `missing-${freshSuffix()}`;
    const message = `the store lacks what is needed (no bucket ${bucket}): create the bucket or correct S3_BUCKET`;
    expect(await answersOf(storeWith({ bucket }))).toEqual(
      five({ code: 'store-missing', why: 'missing', message }),
    );
  });

  it.each([
    ['the secret is wrong', { secretAccessKey: 'wrong-secret' }],
    ['the key is unknown', { accessKeyId: 'nobody' }],
  ])('reports that it refuses the account if %s, what to correct, and no secret', async (_, wrong) => {
    const answers = await answersOf(storeWith(wrong));
    expect(answers).toEqual(five({ code: 'store-access-denied', why: 'refused', server: 'store' }));
    for (const { message } of answers as Error[]) {
      expect(message).toMatch(
        /^the store refuses the account \(.+\): check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, and that they may read and write bucket \S+$/,
      );
      expect(message).not.toContain('wrong-secret');
    }
  });
});
