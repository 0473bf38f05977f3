import { rollback, type RollbackRequest, type RollbackResult, type RollbackStore } from '@factory/registry';
import type { FleetAccess } from '../fleet-access';

/** Puts an earlier version in force and notifies scorers. @throws as `rollback` of @factory/registry */
export function rollBack(
  { ledger, announce }: FleetAccess,
  store: RollbackStore,
  request: RollbackRequest,
): Promise<RollbackResult> {
  return rollback(ledger, store, request, announce);
}
