import { IntegrityError, type ModelKey } from '@factory/domain';
import { GoldenRowsError, type BundleFile } from '@factory/model';
import {
  S3ObjectStore,
  s3ConfigSchema,
  sha256Of,
  versionFileKey,
  versionPrefix,
  type ObjectStore,
} from '@factory/object-store';
import { freshBucketPrefix } from '@factory/testing';
import { uploadVersion, withdrawVersion } from './release-version';
import { specBundle } from './spec-bundle';

const key: ModelKey = { source: 'main', product: 7, goal: 'sale' };
const RUN = '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111';
const fresh = freshBucketPrefix('release');
const store = new S3ObjectStore(s3ConfigSchema.parse({ ...fresh.store, prefix: fresh.prefix }));
const packed = specBundle(key, 'v1', RUN, -1);

beforeEach(() => withdrawVersion(store, key, packed.version));
afterAll(async () => {
  store.close();
  await fresh.dispose();
});

const filesThere = async (): Promise<string[]> =>
  (await store.list(versionPrefix(key, packed.version))).map((one) => one.key);
const keyOf = (file: string): string => versionFileKey(key, packed.version, file);

/** The real store, with some methods replaced. */
function through(changes: Partial<Pick<ObjectStore, 'put' | 'get' | 'delete'>>): ObjectStore {
  return {
    put: (name, body, options) => store.put(name, body, options),
    putStream: (name, body, options) => store.putStream(name, body, options),
    get: (name, limit) => store.get(name, limit),
    getStream: (name, limit) => store.getStream(name, limit),
    head: (name) => store.head(name),
    list: (prefix) => store.list(prefix),
    delete: (name) => store.delete(name),
    locate: (name) => store.locate(name),
    check: () => store.check(),
    ...changes,
  };
}

describe('uploading a version', () => {
  it('stores all files unchanged, and returns their location', async () => {
    const uploaded = await uploadVersion(store, key, packed);
    expect(uploaded).toEqual({
      version: packed.version,
      manifestSha256: sha256Of(packed.files.get('manifest.json')!),
      location: `s3://${fresh.store.bucket}/${fresh.prefix}/models/main/sale/7/${packed.version}/`,
    });
    expect(await filesThere()).toEqual([...packed.files.keys()].map(keyOf).sort());
    for (const [file, body] of packed.files)
      expect((await store.get(keyOf(file), 'document')).equals(body)).toBe(true);
  });

  it('writes the manifest last: an incomplete version does not count', async () => {
    const written: string[] = [];
    const put: ObjectStore['put'] = async (name, body, options) => {
      await store.put(name, body, options);
      written.push(name);
    };
    await uploadVersion(through({ put }), key, packed);
    expect(written).toHaveLength(packed.files.size);
    expect(written.at(-1)).toBe(keyOf('manifest.json'));
  });

  it('stores content types for browsers', async () => {
    await uploadVersion(store, key, packed);
    const types = await Promise.all(
      ['model.json', 'card.md', 'weights.bin'].map(
        async (file) => (await store.head(keyOf(file)))?.contentType,
      ),
    );
    expect(types).toEqual(['application/json', 'text/markdown; charset=utf-8', 'application/octet-stream']);
  });

  it('may be repeated', async () => {
    expect(await uploadVersion(store, key, packed)).toEqual(await uploadVersion(store, key, packed));
  });

  test.each(['model.json', 'weights.bin', 'golden.json', 'report.json', 'card.md', 'manifest.json'])(
    'is refused if the store returns %s with a byte changed',
    async (file) => {
      const get: ObjectStore['get'] = async (name, limit) => {
        const body = await store.get(name, limit);
        if (name === keyOf(file)) body[body.length >> 1]! ^= 1;
        return body;
      };
      await expect(uploadVersion(through({ get }), key, packed)).rejects.toBeInstanceOf(IntegrityError);
    },
  );

  it('is refused if the golden rows have other scores, although every hash is correct', async () => {
    const files = new Map<BundleFile, Buffer>(packed.files);
    const golden = JSON.parse(files.get('golden.json')!.toString('utf8')) as { rows: { logit: number }[] };
    golden.rows[5]!.logit += 0.01;
    files.set('golden.json', Buffer.from(JSON.stringify(golden)));
    const manifest = JSON.parse(files.get('manifest.json')!.toString('utf8')) as {
      files: { name: string; sha256: string }[];
    };
    manifest.files.find(({ name }) => name === 'golden.json')!.sha256 = sha256Of(files.get('golden.json')!);
    files.set('manifest.json', Buffer.from(JSON.stringify(manifest)));
    await expect(uploadVersion(store, key, { ...packed, files })).rejects.toBeInstanceOf(GoldenRowsError);
  });
});

describe('withdrawing a version', () => {
  it('removes all of it and nothing else, the manifest first', async () => {
    const neighbour = versionFileKey(key, `${packed.version}-other`, 'manifest.json');
    await store.put(neighbour, 'another version', { contentType: 'text/plain' });
    await uploadVersion(store, key, packed);
    const removed: string[] = [];
    const remove: ObjectStore['delete'] = async (name) => {
      await store.delete(name);
      removed.push(name);
    };
    await withdrawVersion(through({ delete: remove }), key, packed.version);
    expect(await filesThere()).toEqual([]);
    expect(removed[0]).toBe(keyOf('manifest.json'));
    expect((await store.get(neighbour, 'document')).toString('utf8')).toBe('another version');
  });

  it('may be repeated', async () => {
    await withdrawVersion(store, key, packed.version);
    await withdrawVersion(store, key, packed.version);
    expect(await filesThere()).toEqual([]);
  });
});
