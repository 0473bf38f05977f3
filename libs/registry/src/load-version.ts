import {
  BadInputError,
  FactoryError,
  IntegrityError,
  describeKey,
  messageOf,
  type ModelKey,
} from '@factory/domain';
import { GoldenRowsError, loadScorer, type DecodedBundle, type Scorer } from '@factory/model';
import { versionFileKey, type ObjectStore } from '@factory/object-store';

/** A version whose files are what its manifest says, and whose golden rows came out as published. */
export interface LoadedVersion {
  readonly scorer: Scorer;
  readonly bundle: DecodedBundle;
}

/**
 * What a bundle itself may be at fault for; any other error is one of the server that keeps it, or says that the
 * bundle is of a later release, such as `newer-version`: that one is sound.
 */
const BROKEN = new Set([
  'unknown-schema-version',
  'invalid-artefact',
  'invalid-weights',
  'incomplete-bundle',
  'width-mismatch',
  'object-not-found',
]);

/**
 * Loads a version from the store for whoever named it.
 *
 * @param manifestSha256 as the ledger or the pointer recorded it, hex; absent where neither knows the version
 * @throws BadInputError `unknown-version` where a file of it is missing; IntegrityError; GoldenRowsError;
 *   ServerAwayError
 */
export async function loadVersion(
  store: Pick<ObjectStore, 'get'>,
  key: ModelKey,
  version: string,
  manifestSha256?: string,
): Promise<LoadedVersion> {
  try {
    return await readVersion(store, key, version, manifestSha256);
  } catch (cause) {
    if (!(cause instanceof FactoryError) || cause.code !== 'object-not-found') throw cause;
    throw new BadInputError(
      'unknown-version',
      {
        field: 'version',
        value: version,
        todo: `list the versions of ${describeKey(key)} with \`factory models --product ${key.product}\` (${cause.message})`,
      },
      { cause },
    );
  }
}

/**
 * Loads a version that goes on without it when its bundle is broken: nobody can score with that one.
 *
 * @returns the version, or in words what is wrong with its bundle
 * @throws ServerAwayError, FactoryError of a store that cannot be used: they say nothing of the bundle
 */
export async function loadUnlessBroken(
  store: Pick<ObjectStore, 'get'>,
  key: ModelKey,
  version: string,
  manifestSha256: string,
): Promise<LoadedVersion | { readonly broken: string }> {
  try {
    return await readVersion(store, key, version, manifestSha256);
  } catch (error) {
    if (!isBroken(error)) throw error;
    return { broken: messageOf(error) };
  }
}

/** The one way in which a version is read: every file by its hash, then the golden rows. */
export function readVersion(
  store: Pick<ObjectStore, 'get'>,
  key: ModelKey,
  version: string,
  manifestSha256?: string,
): Promise<LoadedVersion> {
  return loadScorer((file) => store.get(versionFileKey(key, version, file)), manifestSha256);
}

function isBroken(error: unknown): boolean {
  if (error instanceof IntegrityError || error instanceof GoldenRowsError) return true;
  return error instanceof FactoryError && BROKEN.has(error.code);
}
