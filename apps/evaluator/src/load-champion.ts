import { FactoryError, IntegrityError, messageOf, type ModelKey } from '@factory/domain';
import type { Champion } from '@factory/ledger';
import { GoldenRowsError, loadScorer } from '@factory/model';
import { versionFileKey, type ObjectStore } from '@factory/object-store';
import type { LoadedChampion } from './judge-candidate';

const UNREADABLE = new Set([
  'unknown-schema-version',
  'invalid-artefact',
  'invalid-weights',
  'incomplete-bundle',
  'width-mismatch',
  'object-not-found',
]);

/**
 * Loads the champion's bundle, verified by its hashes and golden rows.
 *
 * @returns the champion, or why its bundle cannot be used: then nobody can score with it, and nothing can be
 *   compared with it
 */
export async function loadChampion(
  store: Pick<ObjectStore, 'get'>,
  key: ModelKey,
  { version, manifestSha256 }: Pick<Champion, 'version' | 'manifestSha256'>,
): Promise<LoadedChampion | { readonly unreadable: string }> {
  try {
    const { bundle } = await loadScorer(
      (file) => store.get(versionFileKey(key, version, file)),
      manifestSha256,
    );
    const { network, transform, manifest } = bundle;
    const { window, featureMoment } = manifest.lineage;
    const { start, trainEnd } = window;
    return { version, window: { start, trainEnd }, network, transform, featureMoment };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { unreadable: `champion ${version} cannot be read: ${messageOf(error)}` };
  }
}

function isUnreadable(error: unknown): boolean {
  if (error instanceof IntegrityError || error instanceof GoldenRowsError) return true;
  return error instanceof FactoryError && UNREADABLE.has(error.code);
}
