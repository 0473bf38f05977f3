import type { ModelKey } from '@factory/domain';
import { Champions } from '@factory/ledger';
import type { BundleCard } from '@factory/model';
import type { ObjectStore } from '@factory/object-store';
import { loadCard, versionInForce } from '@factory/registry';
import type { DataSource } from 'typeorm';

/** The card of a version, with its pictures. */
export interface ShownCard extends ModelKey, Pick<BundleCard, 'card' | 'pictures'> {
  readonly version: string;
}

/**
 * The model card in a version's bundle.
 *
 * @param version default: the one in force
 * @throws BadInputError `no-champion`, `model-retired`, `unknown-version`; IntegrityError; ServerAwayError
 */
export async function cardOfVersion(
  { ledger, store }: { readonly ledger: DataSource; readonly store: Pick<ObjectStore, 'get'> },
  key: ModelKey,
  version?: string,
): Promise<ShownCard> {
  const chosen: { version: string; manifestSha256?: string } =
    version === undefined ? await versionInForce(store, key, new Champions(ledger)) : { version };
  const { card, pictures } = await loadCard(store, key, chosen.version, chosen.manifestSha256);
  const { source, product, goal } = key;
  return { source, product, goal, version: chosen.version, card, pictures };
}
