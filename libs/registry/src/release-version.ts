import type { ModelKey } from '@factory/domain';
import { MANIFEST_FILE, type BundleFile } from '@factory/model';
import { sha256Of, versionFileKey, versionPrefix, type ObjectStore } from '@factory/object-store';
import { readVersion } from './load-version';

/** A packed version. */
export interface PackedVersion {
  readonly version: string;
  /** In the order in which they have to be written, the manifest last. */
  readonly files: ReadonlyMap<BundleFile, Buffer>;
}

/** A version in the store, complete and tested. */
export interface UploadedVersion {
  readonly version: string;
  /** `s3://bucket/prefix/models/..`, for people; programs build the keys from version and model key. */
  readonly location: string;
  readonly manifestSha256: string;
}

/**
 * Writes a version, manifest last, then reads all of it back over S3 and scores the golden rows with what was
 * read (rules R9). Repeating it writes the same bytes to the same keys.
 *
 * @throws IntegrityError, GoldenRowsError if what was read back differs from what was written: nothing is
 * released
 */
export async function uploadVersion(
  store: Pick<ObjectStore, 'get' | 'put' | 'locate'>,
  key: ModelKey,
  { version, files }: PackedVersion,
): Promise<UploadedVersion> {
  for (const [file, body] of files)
    await store.put(versionFileKey(key, version, file), body, { contentType: contentTypeOf(file) });
  const manifestSha256 = sha256Of(files.get(MANIFEST_FILE) ?? Buffer.alloc(0));
  await readVersion(store, key, version, manifestSha256);
  return { version, manifestSha256, location: store.locate(versionPrefix(key, version)) };
}

/** Deletes a version that was never in force. Safe to repeat. */
export async function withdrawVersion(
  store: Pick<ObjectStore, 'list' | 'delete'>,
  key: ModelKey,
  version: string,
): Promise<void> {
  // The manifest is deleted first: without it the version does not count.
  await store.delete(versionFileKey(key, version, MANIFEST_FILE));
  for (const file of await store.list(versionPrefix(key, version))) await store.delete(file.key);
}

function contentTypeOf(file: string): string {
  if (file.endsWith('.json')) return 'application/json';
  return file.endsWith('.md') ? 'text/markdown; charset=utf-8' : 'application/octet-stream';
}
