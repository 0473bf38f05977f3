import { FactoryError, IntegrityError, messageOf, type Column, type ModelKey } from '@factory/domain';
import { GoldenRowsError, loadScorer } from '@factory/model';
import { versionFileKey, type ObjectStore } from '@factory/object-store';
import type { Champion } from '@factory/sql';
import type { ChampionWindow } from './judging-rows';
import { scoreRows } from './score-parts';

/** The version in force as the evaluator needs it. */
export interface LoadedChampion {
  readonly version: string;
  readonly window: ChampionWindow;
  /** Natural probabilities of the rows through the champion's own transform. */
  score(columns: readonly Column[], rows: Uint32Array, signal: AbortSignal): Promise<Float64Array>;
}

const UNREADABLE = new Set([
  'unknown-schema-version',
  'invalid-artefact',
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
  champion: Pick<Champion, 'version' | 'manifestSha256'>,
): Promise<LoadedChampion | { readonly unreadable: string }> {
  const { version, manifestSha256 } = champion;
  try {
    const { bundle } = await loadScorer(
      (file) => store.get(versionFileKey(key, version, file)),
      manifestSha256,
    );
    const { window } = bundle.manifest.lineage;
    return {
      version,
      window: { startMs: Date.parse(window.start), trainEndMs: Date.parse(window.trainEnd) },
      score: async (columns, rows, signal) =>
        (await scoreRows(bundle.network, bundle.transform, columns, rows, signal)).probabilities,
    };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { unreadable: `champion ${version} cannot be read: ${messageOf(error)}` };
  }
}

function isUnreadable(error: unknown): boolean {
  if (error instanceof IntegrityError || error instanceof GoldenRowsError) return true;
  return error instanceof FactoryError && UNREADABLE.has(error.code);
}
