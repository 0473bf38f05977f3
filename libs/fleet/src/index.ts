export type { Announce, FleetAccess } from './fleet-access';
export { announceOver, type AnnouncePorts } from './actions/announce-change';
export { cancelRequest, cancelRun, type CancelledRun } from './actions/cancel-runs';
export { reopenedWork, type ReopenedWork } from './actions/reopened-work';
export { replayLetter, type Replayed, type ReplayAccess } from './actions/replay-letter';
export { resumeRun, type ResumedRun } from './actions/resume-run';
export {
  holdModel,
  releaseModel,
  retireModel,
  type HeldModel,
  type HoldRequest,
} from './actions/model-state';
export { promoteRun, type PromotedRun, type PromoteRequest } from './actions/promote-run';
export { rollBack } from './actions/roll-back';
export { checkPolicyKey, provisionPool, setPolicy } from './actions/set-policy';
export { letterView, type LetterView } from './letters/letter-view';
export { listChampions, listVersions, type ListedChampion, type ListedVersion } from './models/list-models';
export { cardOfVersion, type ShownCard } from './models/show-card';
export { explainPolicy, policyView, type ExplainedSetting, type PolicyView } from './policies/policy-view';
export {
  profileOfRun,
  profileOfVersion,
  withPrincipal,
  type ProfileSources,
  type ShownProfile,
} from './profiles/show-profile';
export { checkRequest, sourceOf, type KnownSources, type Unchecked } from './requests/check-request';
export {
  WaitTimeoutError,
  failedRuns,
  followRequest,
  skippedRuns,
  type FollowOptions,
  type FollowPorts,
  type RequestView,
} from './requests/follow-request';
export { publishRequest } from './requests/publish-request';
export {
  requestOutcome,
  requestState,
  type EndedRun,
  type RefusedRequest,
  type RequestOutcome,
  type RequestState,
} from './requests/request-state';
export { retrainRequestOf, type OutgoingRequest, type RetrainOptions } from './requests/retrain-request';
export { watchRuns, type RunProgress } from './requests/run-progress';
export type { ControlOverhead, Transition } from './runs/control-overhead';
export { listRuns, type ListedRun, type RunList } from './runs/list-runs';
export type { EvaluationReport } from './runs/run-evaluation';
export type { RunFinding } from './runs/run-findings';
export type { ReportedTrial, RunReport, UnitReport, VerdictReport } from './runs/run-report';
export { searchReport, type SearchReport } from './runs/search-report';
export { showRun, type ReportSources } from './runs/show-run';
export { fieldOf } from './runs/stage-output';
