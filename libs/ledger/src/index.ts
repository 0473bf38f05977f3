export { connectLedger, ledgerDataSourceOptions, migrateLedger } from './database/data-source';
export { withProvisioningLock } from './database/provisioning-lock';
export { LEASE_SECONDS, MAX_ATTEMPTS, decideClaim, type ClaimDecision } from './stages/claim-decision';
export { StageClaims, type Claim, type ClaimResult, type WorkId } from './stages/stage-claims';
export {
  ClaimLostError,
  StageCommits,
  endOf,
  type FailureResult,
  type StageResult,
} from './stages/stage-commits';
export { insertEvents, type EventDraft, type RunHeader, type StoredEvent } from './events/event-drafts';
export type { RunEnd } from './runs/finish-run';
export { EventLog, type StreamPlace } from './events/event-log';
export { ORPHAN_GRACE_SECONDS, Orphans, type ConsumerPosition } from './events/orphans';
export { RequestAttempts, type BegunAttempt } from './requests/request-attempts';
export { leftOutProductsOf } from './requests/left-out-products';
export type { RefusedRun } from './requests/refused-runs';
export { Requests, type RequestAnswer, type ResolvedRequest, type RunPlan } from './requests/requests';
export { Runs, type RunFilter, type RunSummary, type StageSummary } from './runs/runs';
export type { RunOverrule } from './runs/run-overrules';
export { RunRecord, type EvaluationRecord } from './runs/run-record';
export { championData, type ChampionData } from './models/champion-data';
export {
  Champions,
  lockChampion,
  raiseEpoch,
  replaceChampion,
  type Champion,
  type NewChampion,
} from './models/champions';
export { ModelStates, lockModelState, setModelState, type ModelState } from './models/model-states';
export { Policies, type Change } from './policies/policies';
export { auditOf, recordAudit, type AuditEntry } from './policies/audit';
export { Replays, type ReplayedLetter } from './replays/replays';
export { judgedCandidateOf, reopenForPromotion, type JudgedCandidate } from './replays/reopen-promotion';
export { createLedgerDatabase } from './database/create-database';
export { publishedVersions, type PublishedVersion } from './models/published-versions';
export { resolveRunId } from './runs/resolve-run-id';
export {
  SourceWaits,
  type SourceWait,
  type WaitOf,
  type WaitReason,
  type Waiting,
} from './stages/source-waits';
export { standingsOf, type RunStanding } from './runs/run-standings';
export { trainingWindowsOf } from './runs/training-windows';
export {
  countTrials,
  findTrial,
  highestTrial,
  recordTrials,
  trialsOf,
  type StoredTrial,
  type TrialFigures,
  type TrialRow,
  type TrialStatus,
} from './trials/trials';
export { groupStanding, hasGroups, recordGather, type GroupStanding } from './trials/trial-groups';
export { inTransaction, sqlOf, type Sql } from './database/transaction';
