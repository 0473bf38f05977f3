import { BadInputError, describeKey, type ModelKey } from '@factory/domain';
import { inTransaction, lockModelState, recordAudit, setModelState, type Change } from '@factory/ledger';
import {
  bringBack,
  modelRetired,
  retire,
  type BroughtBack,
  type Retired,
  type StateChangeRequest,
} from '@factory/registry';
import type { ObjectStore } from '@factory/object-store';
import type { FleetAccess } from '../fleet-access';

export interface HoldRequest {
  readonly key: ModelKey;
  /** Null: until it is released. */
  readonly until: Date | null;
  readonly change: Change;
}

export interface HeldModel extends ModelKey {
  readonly until: Date | null;
  /** `was-held`: nothing was changed, also not the reason. */
  readonly result: 'held' | 'was-held';
}

/**
 * Keeps the version in force: runs of the product go on, and end `kept`, reason `held`.
 *
 * @throws BadInputError `hold-in-the-past`, `model-retired`; ServerAwayError
 */
export async function holdModel(
  { ledger }: Pick<FleetAccess, 'ledger'>,
  { key, until, change }: HoldRequest,
  now: Date,
): Promise<HeldModel> {
  if (until !== null && until <= now)
    throw new BadInputError('hold-in-the-past', {
      field: 'until',
      value: until.toISOString(),
      todo: 'give a time in the future, or leave it out: until it is released',
    });
  return inTransaction(ledger, async (sql) => {
    const state = await lockModelState(sql, key);
    if (state?.state === 'retired') throw modelRetired(key, state);
    if (state?.until?.getTime() === until?.getTime() && state) return { ...key, until, result: 'was-held' };
    await setModelState(sql, key, { state: 'held', until }, change);
    await recordAudit(sql, 'hold', describeKey(key), change, { until: until?.toISOString() ?? null });
    return { ...key, until, result: 'held' };
  });
}

/** Ends the model: see `retire` of @factory/registry. Scorers and everybody else are told. */
export function retireModel(
  { ledger, announce }: FleetAccess,
  store: Pick<ObjectStore, 'get' | 'put'>,
  request: StateChangeRequest,
): Promise<Retired> {
  return retire(ledger, store, request, announce);
}

/** Ends a hold, or brings a retired model back: see `bringBack` of @factory/registry. */
export function releaseModel(
  { ledger, announce }: FleetAccess,
  store: Pick<ObjectStore, 'get' | 'put'>,
  request: StateChangeRequest,
): Promise<BroughtBack> {
  return bringBack(ledger, store, request, announce);
}
