import type { ModelKey } from '@factory/domain';
import { messageOf } from '@factory/domain';
import { readBundleProfile, type Manifest, type Profile } from '@factory/model';
import { versionFileKey, type ObjectStore } from '@factory/object-store';
import { isBroken } from './load-version';

export interface LoadedProfile {
  readonly manifest: Manifest;
  /** Undefined: the bundle has none. */
  readonly profile: Profile | undefined;
}

/**
 * Reads manifest and profile of a version, checked against their hashes, and nothing else of it.
 *
 * @returns them, or a text saying what is wrong with the bundle
 * @throws NewerVersionError; ServerAwayError, FactoryError of a store that cannot be used
 */
export async function loadProfile(
  store: Pick<ObjectStore, 'get'>,
  key: ModelKey,
  version: string,
  manifestSha256: string,
): Promise<LoadedProfile | { readonly broken: string }> {
  try {
    return await readBundleProfile(
      (file, bytes) => store.get(versionFileKey(key, version, file), bytes ?? 'document'),
      manifestSha256,
    );
  } catch (error) {
    if (!isBroken(error)) throw error;
    return { broken: messageOf(error) };
  }
}
