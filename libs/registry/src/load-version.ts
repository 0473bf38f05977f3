import {
  BadInputError,
  FactoryError,
  IntegrityError,
  describeKey,
  messageOf,
  type ModelKey,
} from '@factory/domain';
import {
  GoldenRowsError,
  loadScorer,
  readBundleCard,
  type BundleCard,
  type DecodedBundle,
  type Scorer,
} from '@factory/model';
import { versionFileKey, type ObjectStore } from '@factory/object-store';

/** A version whose files match its manifest, and whose golden rows have their published scores. */
export interface LoadedVersion {
  readonly scorer: Scorer;
  readonly bundle: DecodedBundle;
}

/**
 * Errors for which the bundle itself is at fault; any other error is a fault of the store, or means that the
 * bundle is of a later release, such as `unknown-family`: such a bundle is valid.
 */
const BROKEN = new Set([
  'unknown-schema-version',
  'invalid-artefact',
  'invalid-weights',
  'incomplete-bundle',
  'width-mismatch',
  'object-not-found',
  'object-too-large',
  'too-deep',
]);

/**
 * Loads a version from the store for a caller that requires it.
 *
 * @param manifestSha256 as recorded by the ledger or the pointer, hex; absent if neither knows the version
 * @throws BadInputError `unknown-version` if one of its files is missing; IntegrityError; GoldenRowsError;
 * ServerAwayError
 */
export async function loadVersion(
  store: Pick<ObjectStore, 'get'>,
  key: ModelKey,
  version: string,
  manifestSha256?: string,
): Promise<LoadedVersion> {
  return unlessUnknown(key, version, () => readVersion(store, key, version, manifestSha256));
}

/**
 * Reads the card of a version and its pictures, checked against their hashes, and nothing else of it.
 *
 * @param manifestSha256 as of `loadVersion`
 * @throws the errors of `loadVersion`, except of golden rows
 */
export async function loadCard(
  store: Pick<ObjectStore, 'get'>,
  key: ModelKey,
  version: string,
  manifestSha256?: string,
): Promise<BundleCard> {
  return unlessUnknown(key, version, () =>
    readBundleCard(
      (file, bytes) => store.get(versionFileKey(key, version, file), bytes ?? 'document'),
      manifestSha256,
    ),
  );
}

async function unlessUnknown<T>(key: ModelKey, version: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
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
 * Loads a version for a caller that continues without it if its bundle is broken: then nobody can score with
 * it.
 *
 * @returns the version, or a text saying what is wrong with its bundle
 * @throws ServerAwayError, FactoryError of a store that cannot be used: they say nothing about the bundle
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

/** The only way to read a version: every file is checked against its hash, then the golden rows are scored. */
export function readVersion(
  store: Pick<ObjectStore, 'get'>,
  key: ModelKey,
  version: string,
  manifestSha256?: string,
): Promise<LoadedVersion> {
  return loadScorer(
    (file, bytes) => store.get(versionFileKey(key, version, file), bytes ?? 'document'),
    manifestSha256,
  );
}

/** The bundle itself is at fault. */
export function isBroken(error: unknown): boolean {
  if (error instanceof IntegrityError || error instanceof GoldenRowsError) return true;
  return error instanceof FactoryError && BROKEN.has(error.code);
}
