import { BadInputError, describeKey, type ModelKey } from '@factory/domain';
import type { Champions } from '@factory/ledger';
import { championKey, type ObjectStore } from '@factory/object-store';
import { readChampionPointer } from './champion-pointer';
import { modelRetired } from './refuse-state';

/** The version of a model that is in force now. */
export interface VersionInForce {
  readonly version: string;
  readonly manifestSha256: string;
  /** Which of the two named it. */
  readonly chosenBy: 'database' | 'champion.json';
}

/**
 * Finds the version of a model in force. The database is the authority; without it `champion.json` is used.
 *
 * @param champions absent if there is no access to the database: only then the pointer is read
 * @throws BadInputError `no-champion`, `model-retired`, `broken-champion-pointer`; NewerVersionError; ServerAwayError
 */
export async function versionInForce(
  store: Pick<ObjectStore, 'get'>,
  key: ModelKey,
  champions?: Pick<Champions, 'find'>,
): Promise<VersionInForce> {
  return champions ? fromDatabase(key, champions) : fromPointer(store, key);
}

async function fromDatabase(key: ModelKey, champions: Pick<Champions, 'find'>): Promise<VersionInForce> {
  const found = await champions.find(key);
  if (!found) throw noChampion(key);
  const { version, manifestSha256, state } = found;
  if (state?.state === 'retired') throw modelRetired(key, state);
  return { version, manifestSha256, chosenBy: 'database' };
}

async function fromPointer(store: Pick<ObjectStore, 'get'>, key: ModelKey): Promise<VersionInForce> {
  const found = await readChampionPointer(store, championKey(key));
  if (!found) throw noChampion(key);
  if ('retired' in found) throw modelRetired(key, { reason: found.reason, since: new Date(found.since) });
  const { version, manifestSha256 } = found;
  return { version, manifestSha256, chosenBy: 'champion.json' };
}

/** Nothing of the model is in force: it was never published. */
export function noChampion(key: ModelKey): BadInputError {
  return new BadInputError('no-champion', {
    field: 'product',
    value: describeKey(key),
    todo: 'ask for a model with `factory retrain`: none of it is published yet',
  });
}
