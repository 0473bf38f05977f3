import type { ModelKey } from '@factory/domain';
import type { Champion } from '@factory/ledger';
import type { ObjectStore } from '@factory/object-store';
import { loadUnlessBroken } from '@factory/registry';
import type { LoadedChampion } from './judge-candidate';

/**
 * Loads the parts of the champion's bundle that a comparison needs, verified by its hashes and golden rows.
 *
 * @returns the champion, or why its bundle cannot be used: then it can neither score nor be compared with
 */
export async function loadChampion(
  store: Pick<ObjectStore, 'get'>,
  key: ModelKey,
  { version, manifestSha256 }: Pick<Champion, 'version' | 'manifestSha256'>,
): Promise<LoadedChampion | { readonly unreadable: string }> {
  const loaded = await loadUnlessBroken(store, key, version, manifestSha256);
  if ('broken' in loaded) return { unreadable: `champion ${version} cannot be read: ${loaded.broken}` };
  const { model, transform, manifest } = loaded.bundle;
  const { window, featureMoment } = manifest.lineage;
  const { start, trainEnd } = window;
  return {
    version,
    window: { start, trainEnd },
    family: model.family,
    model: model.encode(),
    transform,
    featureMoment,
  };
}
