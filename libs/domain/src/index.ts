export { DEEPEST_JSON, parseBoundedJson } from './bounded-json';
export {
  AWAY_REASONS,
  BadInputError,
  BadInputsError,
  FactoryError,
  IntegrityError,
  NewerVersionError,
  RunSkippedError,
  ServerAwayError,
  SourceAwayError,
  codeOf,
  isOfNewerRelease,
  messageOf,
  type AwayOptions,
  type AwayReason,
  type Refusal,
} from './errors';
export { SourceWaitError } from './source-wait';
export {
  NAME_PATTERN,
  NAME_TODO,
  POOL_PATTERN,
  POOL_TODO,
  checkName,
  checkPoolName,
  checkProductId,
  describeKey,
  subjectKey,
  type ModelKey,
} from './names';
export type { LeftOutProduct } from './left-out-product';
export { escapeMarkup } from './escape-markup';
export { compareBytes, hash52, hashFraction } from './hash';
export { Xoroshiro128Plus } from './xoroshiro';
export { PackedTexts, type ConsecutiveTexts, type TextParts } from './packed-texts';
export { priorShift, sigmoid } from './prior-shift';
export { quantile } from './quantile';
export {
  FIRST_RUNG_EPOCHS,
  REDUCTION_FACTOR,
  SEARCHES,
  drawTrials,
  epochsOfHalving,
  promoted,
  promotedCount,
  rungsOf,
  searchedTrials,
  type Search,
  type SearchChoice,
} from './search';
export {
  DEFAULT_EPOCHS,
  DEFAULT_LR_ANNEALING,
  GRID_NAMES,
  checkGridName,
  gridOfRun,
  expandGrid,
  type GridName,
} from './grid';
export { OPTIMIZERS, networkParameters, type NetworkSettings, type Optimizer } from './network-settings';
export {
  FAMILIES,
  FIRST_FAMILY,
  SCORED_FAMILIES,
  checkFamily,
  checkScoredFamily,
  mostSteps,
  type Family,
  type Trial,
  isOfFamily,
  trialIn,
  type ScoredFamily,
  type SettingsByFamily,
  type TrialSettings,
} from './trial';
export { columnNameFault, foldedName } from './column-names';
export {
  HALVES,
  MARKS,
  MARK_LIMITS,
  cellOf,
  halfOf,
  markOf,
  rowsOf,
  type CategoryColumn,
  type Column,
  type Dataset,
  type Half,
  type Mark,
  type NumberColumn,
  type RawRow,
} from './columns';
export {
  DEFAULT_POLICY,
  completePolicy,
  completePolicyOfRun,
  completeStoredPolicy,
  fieldsOfLaterReleases,
  settingOfRun,
  policyOfRun,
} from './policy';
export {
  POLICY_FIELDS,
  POLICY_NAMES,
  REQUEST_WINDOWS,
  WINDOWS,
  type Policy,
  type PolicyField,
  type RequestWindow,
  type WindowChoice,
} from './policy-fields';
export type { WindowThreshold } from './policy-values';
export {
  CURVE_WINDOWS,
  EVIDENCE_WINDOWS,
  mostWindows,
  windowsToCompare,
  type ComparedWindows,
} from './compared-windows';
export {
  WINDOW_REASONS,
  findDates,
  thresholdsOf,
  windowReason,
  type CandidateWindow,
  type FoundDates,
  type TrainingWindow,
  type WindowReason,
} from './find-dates';
export { OUTCOMES, STAGES, UNTIL, runIdOf, type Outcome, type Stage, type Until } from './run';
export { selectWinner, type Contender, type Finisher } from './select-winner';
