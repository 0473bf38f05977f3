export { BulkInsert } from './bulk-insert';
export { awayReason, outageReason } from './connection-errors';
export { connectAsOwner, ownerError } from './owner-connection';
export { connectLedger, ledgerDataSourceOptions, migrateLedger } from './ledger/data-source';
export { withProvisioningLock } from './ledger/provisioning-lock';
export { LEASE_SECONDS, MAX_ATTEMPTS, decideClaim, type ClaimDecision } from './ledger/claim-decision';
export { StageClaims, type Claim, type ClaimResult, type WorkId } from './ledger/stage-claims';
export {
  ClaimLostError,
  StageCommits,
  endOf,
  type FailureResult,
  type StageResult,
} from './ledger/stage-commits';
export { insertEvents, type EventDraft, type RunHeader, type StoredEvent } from './ledger/event-drafts';
export type { RunEnd } from './ledger/finish-run';
export { EventLog, type StreamPlace } from './ledger/event-log';
export { ORPHAN_GRACE_SECONDS, Orphans, type ConsumerPosition } from './ledger/orphans';
export { RequestAttempts, type BegunAttempt } from './ledger/request-attempts';
export { leftOutProductsOf, type LeftOutProduct } from './ledger/left-out-products';
export type { RefusedRun } from './ledger/refused-runs';
export { Requests, type RequestAnswer, type ResolvedRequest, type RunPlan } from './ledger/requests';
export { Runs, type RunFilter, type RunSummary, type StageSummary } from './ledger/runs';
export { RunRecord, type EvaluationRecord } from './ledger/run-record';
export { Champions, replaceChampion, type Champion, type NewChampion } from './ledger/champions';
export { Policies, type Change } from './ledger/policies';
export { auditOf, recordAudit, type AuditEntry } from './ledger/audit';
export { Replays, type ReplayedLetter } from './ledger/replays';
export { createLedgerDatabase } from './ledger/create-database';
export { publishedVersions, type PublishedVersion } from './ledger/published-versions';
export { resolveRunId } from './ledger/resolve-run-id';
export {
  SourceWaits,
  type SourceWait,
  type WaitOf,
  type WaitReason,
  type Waiting,
} from './ledger/source-waits';
export { standingsOf, type RunStanding } from './ledger/run-standings';
export { trainingWindowsOf } from './ledger/training-windows';
export {
  countTrials,
  recordTrials,
  trialsOf,
  type TrialFigures,
  type TrialRow,
  type TrialStatus,
} from './ledger/trials';
export { groupStanding, recordGather, type GroupStanding } from './ledger/trial-groups';
export { inTransaction, sqlOf, type Sql } from './ledger/transaction';
export {
  SourceAccess,
  type ReadOptions,
  type SourceAccessOptions,
  type SourceReading,
} from './source/source-access';
export { SourceGate, type Leave, type SourceAdmission } from './source/source-gate';
export { orDrop, type UnreadableColumn } from './source/unreadable-values';
export {
  SourceReader,
  type FeatureCoverage,
  type GoalsBeforeVisit,
  type UnreadableInput,
} from './source/source-reader';
export { SourceSnapshot, type DrawRequest, type DrawnVisits } from './source/source-snapshot';
export { leftOutOf, type LeftOut, type Population } from './source/population';
export { productState, type ProductList, type ProductState } from './source/product-list';
export {
  coverageOf,
  cutOf,
  featureMomentOf,
  observeSecondsOf,
  type Cut,
  type FeatureMoment,
} from './source/cut-declaration';
export { ConnectionsFile } from './source/connections-file';
export type { WatchedState } from './source/watched-file';
export { SourcesFile, horizonDaysOf, parseSources, rowGoalsOf, type Sources } from './source/sources-file';
export {
  sourcesSchema,
  type AnyGoal,
  type FeatureTable,
  type GoalFilter,
  type RowGoal,
  type SourceDefinition,
} from './source/sources-schema';
export { type CatalogueCode, type CatalogueFault } from './source/catalogue-check';
export {
  type DroppedColumn,
  type FeatureColumn,
  type ResolvedFeatureTable,
  type ResolvedFeatures,
} from './source/feature-columns';
export { type FilterMatches } from './source/queries/count-filter-matches';
export { type VisitRange } from './source/queries/goal-visits';
export { type RanQuery } from './source/query';
export { identifier, joinSql, sql, type SqlText, type SqlValue } from './source/sql-text';
export { sourceGrants, type SourceAccount } from './source/grants';
export { parseConnectionString, type DatabaseAddress } from './source/connection-string';
