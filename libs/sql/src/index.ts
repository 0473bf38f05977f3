export { isConnectionError } from './connection-errors';
export { connectLedger, ledgerDataSourceOptions, migrateLedger } from './ledger/data-source';
export { LEASE_SECONDS, MAX_ATTEMPTS, decideClaim, type ClaimDecision } from './ledger/claim-decision';
export { StageClaims, type Claim, type ClaimResult, type WorkId } from './ledger/stage-claims';
export {
  ClaimLostError,
  StageCommits,
  endOf,
  type FailureResult,
  type StageResult,
} from './ledger/stage-commits';
export type { EventDraft, RunHeader, StoredEvent } from './ledger/event-drafts';
export type { RunEnd } from './ledger/finish-run';
export { EventLog, type StreamPlace } from './ledger/event-log';
export { ORPHAN_GRACE_SECONDS, Orphans, type ConsumerPosition } from './ledger/orphans';
export { Requests, type RequestAnswer, type ResolvedRequest, type RunPlan } from './ledger/requests';
export { Runs, type RunFilter, type RunSummary, type StageSummary } from './ledger/runs';
export { Champions, replaceChampion, type Champion, type NewChampion } from './ledger/champions';
export { Policies, type Change } from './ledger/policies';
export { recordAudit } from './ledger/audit';
export { recordTrials, trialsOf, type TrialFigures, type TrialRow, type TrialStatus } from './ledger/trials';
export { groupStanding, recordGather, type GroupStanding } from './ledger/trial-groups';
export { inTransaction, sqlOf, type Sql } from './ledger/transaction';
