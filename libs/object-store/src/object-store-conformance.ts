import { randomBytes } from 'node:crypto';
import { FactoryError, codeOf } from '@factory/domain';
import type { ObjectStore } from './object-store';
import { getVerified, putVerified, putVerifiedStream, sha256Of } from './verified';

const WHOLE = 64 * 1024 * 1024;
const TEXT = { contentType: 'text/plain' };
const BYTES = { contentType: 'application/octet-stream' };

/** Conformance tests of `ObjectStore`; each adapter's spec runs them on its own store. */
export function describeObjectStore(open: () => ObjectStore): void {
  let store: ObjectStore;
  beforeAll(() => {
    store = open();
  });

  it('returns what was put, byte for byte, and replaces it on a later put', async () => {
    const body = randomBytes(70_000);
    await store.put('a/bytes', body, BYTES);
    expect(await store.get('a/bytes', WHOLE)).toEqual(body);
    await store.put('a/bytes', 'Größe 東京', TEXT);
    expect((await store.get('a/bytes', WHOLE)).toString('utf8')).toBe('Größe 東京');
  });

  it('stores an empty object', async () => {
    await store.put('a/empty', new Uint8Array(0), BYTES);
    expect(await store.get('a/empty', WHOLE)).toHaveLength(0);
    expect(await store.head('a/empty')).toMatchObject({ bytes: 0 });
  });

  it('streams an object', async () => {
    const body = randomBytes(300_000);
    await store.put('a/stream', body, BYTES);
    const chunks: Buffer[] = [];
    for await (const chunk of await store.getStream('a/stream', WHOLE)) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks)).toEqual(body);
  });

  it('puts an object of several parts', async () => {
    const body = Buffer.alloc(35 * 1024 * 1024, 'propensity');
    await store.put('a/large', body, BYTES);
    expect((await store.get('a/large', WHOLE)).equals(body)).toBe(true);
    expect(await store.head('a/large')).toEqual({ bytes: body.length, contentType: BYTES.contentType });
  });

  it.each([
    ['nothing', 0, 1],
    ['a few bytes', 3, 1],
    ['several parts in small chunks', 35 * 1024 * 1024, 100_003],
  ])('writes an object as its bytes arrive: %s', async (_case, length, size) => {
    const body = Buffer.alloc(length, 'propensity');
    const chunks = async function* () {
      for (let at = 0; at < length; at += size) yield body.subarray(at, at + size);
    };
    const ref = await putVerifiedStream(store, 'a/written', chunks(), BYTES);
    expect(ref).toEqual({ key: 'a/written', sha256: sha256Of(body), bytes: length });
    expect((await getVerified(store, ref)).equals(body)).toBe(true);
    expect(await store.head('a/written')).toEqual({ bytes: length, contentType: BYTES.contentType });
  });

  it.each([10, 35 * 1024 * 1024])('writes nothing if the stream fails after %d bytes', async (length) => {
    const broken = async function* () {
      for (let at = 0; at < length; at += 100_000) yield Buffer.alloc(Math.min(100_000, length - at));
      throw new FactoryError('planted', 'planted', false);
    };
    await expect(store.putStream('a/broken', broken(), BYTES)).rejects.toMatchObject({ code: 'planted' });
    expect(await store.head('a/broken')).toBeUndefined();
  });

  it('returns size and type of an object, and undefined if it does not exist', async () => {
    await store.put('a/head', 'four', TEXT);
    expect(await store.head('a/head')).toEqual({ bytes: 4, contentType: 'text/plain' });
    expect(await store.head('a/nowhere')).toBeUndefined();
  });

  it('never overwrites an object with ifNoneMatch', async () => {
    await store.put('a/once', 'first', { ...TEXT, ifNoneMatch: true });
    const second = store.put('a/once', 'second', { ...TEXT, ifNoneMatch: true });
    await expect(second).rejects.toMatchObject({ code: 'object-exists', retryable: false });
    expect((await store.get('a/once', WHOLE)).toString()).toBe('first');
  });

  it('lists by prefix, in order of keys, without the deployment prefix', async () => {
    for (const key of ['list/b', 'list/a', 'list-other/c']) await store.put(key, key, TEXT);
    expect(await store.list('list/')).toEqual([
      { key: 'list/a', bytes: 6 },
      { key: 'list/b', bytes: 6 },
    ]);
    expect(await store.list('list/none')).toEqual([]);
  });

  it('deletes, even if the object does not exist', async () => {
    await store.put('a/gone', 'x', TEXT);
    await store.delete('a/gone');
    await store.delete('a/gone');
    expect(await store.head('a/gone')).toBeUndefined();
  });

  it('throws object-not-found for a key that does not exist', async () => {
    const missing = { code: 'object-not-found', retryable: false };
    await expect(store.get('a/nowhere', WHOLE)).rejects.toMatchObject(missing);
    await expect(store.getStream('a/nowhere', WHOLE)).rejects.toMatchObject(missing);
  });

  it('reads nothing of an object that is longer than asked for', async () => {
    await store.put('a/long', 'eleven byte', TEXT);
    const refused = { code: 'object-too-large', retryable: false, bytes: 11, limit: 10 };
    await expect(store.get('a/long', 10)).rejects.toMatchObject(refused);
    await expect(store.getStream('a/long', 10)).rejects.toMatchObject(refused);
    expect(String(await store.get('a/long', 11))).toBe('eleven byte');
  });

  it('refuses an object to which something was appended', async () => {
    const ref = await putVerified(store, 'a/appended', 'weights', BYTES);
    await store.put(ref.key, 'weights and more', BYTES);
    await expect(getVerified(store, ref)).rejects.toMatchObject({ code: 'object-too-large', limit: 7 });
  });

  it('verifies an object on reading, and refuses one that was changed', async () => {
    const ref = await putVerified(store, 'a/verified', 'weights', BYTES);
    expect(ref).toMatchObject({ key: 'a/verified', bytes: 7 });
    expect((await getVerified(store, ref)).toString()).toBe('weights');
    await store.put(ref.key, 'changed', BYTES);
    const refused = await getVerified(store, ref).catch(codeOf);
    expect(refused).toBe('sha256-mismatch');
  });
}
