import type { ModelKey } from '@factory/domain';
import { BUNDLE_FILES, type BundleFile } from '@factory/model';
import { S3ObjectStore, s3ConfigSchema, sha256Of, versionFileKey } from '@factory/object-store';
import { freshBucketPrefix } from '@factory/testing';
import { loadUnlessBroken, loadVersion } from './load-version';
import { uploadVersion } from './release-version';
import { specBundle } from './spec-bundle';

const key: ModelKey = { source: 'main', product: 7, goal: 'sale' };
const RUN = '0b8e3b0e-5b0a-5a53-9a8a-0d4f2ff0a111';
const fresh = freshBucketPrefix('load');
const storeAt = (more: object = {}): S3ObjectStore =>
  new S3ObjectStore(s3ConfigSchema.parse({ ...fresh.store, prefix: fresh.prefix, ...more }));
const store = storeAt();
const packed = specBundle(key, 'v1', RUN, -1);
const manifestSha256 = sha256Of(packed.files.get('manifest.json')!);
const load = () => loadVersion(store, key, 'v1', manifestSha256);
const loadIfSound = () => loadUnlessBroken(store, key, 'v1', manifestSha256);
const put = (file: BundleFile, body: Uint8Array | string) =>
  store.put(versionFileKey(key, 'v1', file), body, { contentType: 'application/octet-stream' });

beforeEach(() => uploadVersion(store, key, packed));
afterAll(async () => {
  store.close();
  await fresh.dispose();
});

describe('loading a version', () => {
  it('returns a scorer and the bundle to any caller', async () => {
    const { scorer, bundle } = await load();
    expect(bundle.manifest).toMatchObject({ version: 'v1', lineage: { ...key, run: RUN } });
    // The smallest basket leaves only the last bias.
    const [low, high] = [0, 100].map((basket) => scorer.score({ basket, device: 'phone' }).logit);
    expect(low).toBeCloseTo(-1, 5);
    expect(high).toBeGreaterThan(low!);
    expect(await loadIfSound()).toMatchObject({ bundle: { manifest: bundle.manifest } });
  });

  it.each(BUNDLE_FILES)('is refused if one byte of %s changed', async (file) => {
    const body = Buffer.from(packed.files.get(file)!);
    body[body.length >> 1]! ^= 1;
    await put(file, body);
    await expect(load()).rejects.toMatchObject({ code: 'sha256-mismatch' });
    expect(await loadIfSound()).toEqual({
      broken: expect.stringMatching(new RegExp(`^${file} has sha256`)) as string,
    });
  });

  it.each(BUNDLE_FILES)('is refused if %s was replaced by one that is too large to be read', async (file) => {
    const small = storeAt({ maxDocumentBytes: 65_536 });
    await put(file, Buffer.alloc(packed.files.get(file)!.length + 65_536));
    const refused = { code: 'object-too-large', retryable: false };
    await expect(loadVersion(small, key, 'v1', manifestSha256)).rejects.toMatchObject(refused);
    expect(await loadUnlessBroken(small, key, 'v1', manifestSha256)).toEqual({
      broken: expect.stringMatching(new RegExp(`${file} has \\d+ bytes, more than`)) as string,
    });
    small.close();
  });

  it('that does not exist is refused, with the command that lists the versions', async () => {
    await expect(loadVersion(store, key, 'v9')).rejects.toMatchObject({
      code: 'unknown-version',
      refusal: { field: 'version', value: 'v9', todo: expect.stringContaining('--product 7') as string },
    });
  });

  it('with a missing file counts as broken for callers that can do without', async () => {
    await store.delete(versionFileKey(key, 'v1', 'weights.bin'));
    expect(await loadIfSound()).toEqual({ broken: expect.stringMatching(/weights\.bin/) as string });
  });

  it('whose manifest is not the recorded one is refused', async () => {
    await expect(loadVersion(store, key, 'v1', 'f'.repeat(64))).rejects.toMatchObject({
      code: 'sha256-mismatch',
    });
    expect(await loadUnlessBroken(store, key, 'v1', 'f'.repeat(64))).toEqual({
      broken: expect.stringContaining('manifest.json') as string,
    });
  });

  it.each([
    ['that is unavailable', { endpoint: 'http://127.0.0.1:1' }, 'store-away'],
    ['that refuses the account', { secretAccessKey: 'wrong' }, 'store-access-denied'],
  ])('from a store %s says nothing about the bundle', async (_what, more, code) => {
    const other = storeAt(more);
    await expect(loadUnlessBroken(other, key, 'v1', manifestSha256)).rejects.toMatchObject({ code });
    await expect(loadVersion(other, key, 'v1', manifestSha256)).rejects.toMatchObject({ code });
    other.close();
  });
});
