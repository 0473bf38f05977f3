import type { ModelKey } from '@factory/domain';
import type { Champion } from '@factory/ledger';
import type { ObjectStore } from '@factory/object-store';
import { loadUnlessBroken } from '@factory/registry';
import type { LoadedChampion, LoadedVersion } from './judgement-input';
import type { VersionRef } from './reach-verdict';

/** The version in force as far as it can be used, and what there is to know about it. */
export interface ChampionToCompare {
  /** Null: its bundle is broken, so that it can neither score nor be compared with. */
  readonly champion: LoadedChampion | null;
  readonly warnings: readonly string[];
}

/**
 * Loads the parts of the champion's bundle that a comparison needs, verified by its hashes and golden rows, and likewise
 * of the version that it is traced back to (rules R8, no creeping).
 *
 * @throws NewerVersionError, ServerAwayError, FactoryError of the store
 */
export async function loadChampion(
  store: Pick<ObjectStore, 'get'>,
  key: ModelKey,
  inForce: VersionRef & Pick<Champion, 'since'>,
): Promise<ChampionToCompare> {
  const loaded = await load(store, key, inForce, 'champion');
  if (typeof loaded === 'string') return { champion: null, warnings: [loaded] };
  const { version, anchor: named } = loaded;
  const anchor = named && (await load(store, key, named, 'anchor'));
  const isRead = anchor !== null && typeof anchor !== 'string';
  return {
    champion: { ...version, since: inForce.since.toISOString(), anchor: isRead ? anchor.version : null },
    warnings: typeof anchor === 'string' ? [`${anchor}; the champion stands for it`] : [],
  };
}

/** @returns the version and its own anchor, or why its bundle cannot be used */
async function load(
  store: Pick<ObjectStore, 'get'>,
  key: ModelKey,
  { version, manifestSha256 }: VersionRef,
  as: 'champion' | 'anchor',
): Promise<{ readonly version: LoadedVersion; readonly anchor: VersionRef | null } | string> {
  const loaded = await loadUnlessBroken(store, key, version, manifestSha256);
  if ('broken' in loaded) return `${as} ${version} cannot be read: ${loaded.broken}`;
  const { model, transform, manifest, report } = loaded.bundle;
  const { window, featureMoment, fittedOn } = manifest.lineage;
  const { start, trainEnd, end, noTime } = window;
  return {
    version: {
      ...{ version, manifestSha256, family: model.family, model: model.encode(), transform, featureMoment },
      window: { start, trainEnd, end, ...(noTime ? { noTime: true as const } : {}) },
      decidedOn: fittedOn?.outOfTime,
    },
    anchor: report.verdict.anchor ?? null,
  };
}
