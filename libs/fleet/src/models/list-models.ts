import type { WindowMessage } from '@factory/contracts';
import type { ModelKey } from '@factory/domain';
import {
  Champions,
  publishedVersions,
  trainingWindowsOf,
  type Champion,
  type PublishedVersion,
} from '@factory/ledger';
import type { DataSource } from 'typeorm';

/** What a version was trained on. */
interface Trained {
  /** Null if its run recorded none. */
  readonly window: WindowMessage | null;
}

/** A version in force. */
export type ListedChampion = Champion & Trained;

/** A version that was published at some time. */
export interface ListedVersion extends PublishedVersion, Trained {
  readonly inForce: boolean;
}

/** The versions in force, of one source, one goal, or all. @throws ServerAwayError */
export async function listChampions(
  ledger: DataSource,
  { source, goal }: Partial<Pick<ModelKey, 'source' | 'goal'>>,
): Promise<ListedChampion[]> {
  const all = await new Champions(ledger).list(source);
  return withWindows(
    ledger,
    all.filter((one) => goal === undefined || one.goal === goal),
  );
}

/** All published versions of a model, newest first. @throws ServerAwayError */
export async function listVersions(ledger: DataSource, key: ModelKey): Promise<ListedVersion[]> {
  const champion = await new Champions(ledger).find(key);
  const published = await withWindows(ledger, await publishedVersions(ledger, key));
  const inForce = champion?.state?.state === 'retired' ? undefined : champion?.version;
  return published.map((one) => ({ ...one, inForce: one.version === inForce }));
}

async function withWindows<Made extends { readonly run: string }>(
  ledger: DataSource,
  made: readonly Made[],
): Promise<(Made & Trained)[]> {
  const windows = await trainingWindowsOf(
    ledger,
    made.map((one) => one.run),
  );
  return made.map((one) => ({ ...one, window: windows.get(one.run) ?? null }));
}
