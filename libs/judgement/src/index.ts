export {
  DEFAULT_VERDICT_RULES,
  VERDICT_RULES,
  VERDICT_RULE_NAMES,
  type VerdictRules,
} from './verdict/verdict-rules';
export { parseJudgementRules } from './rules/parse-rules';
export type { JudgementRules } from './rules/rules-schema';
export {
  DEFAULT_RULES,
  explainRules,
  rulesFor,
  type ProductRules,
  type RuleInForce,
  type RulesOf,
} from './rules/rules-for';
export { binningsOf, profileDataset, type ProfileOptions } from './profile/profile-dataset';
export {
  principalComponents,
  type PrincipalComponent,
  type PrincipalComponents,
} from './profile/principal-components';
export { passesOf, type Passes, type ProfileBatch, type RowChoice } from './profile/profile-batch';
export { countBins, type BinCounts } from './profile/bin-counts';
export { binName } from './profile/bins';
export type { CandidateFigures, ChampionFigures, VerdictInputs } from './verdict/verdict-inputs';
export type { Finding, RuleOutcome } from './verdict/finding';
export { judge, type Judgement } from './verdict/judge';
export {
  CHECK_CODES,
  CHECK_RULES,
  DEFAULT_CHECK_LIMITS,
  LIMIT_UNITS,
  type CheckCode,
  type CheckLimits,
  type CheckRule,
} from './checks/check-rules';
export { checkData, recentRowsOf, type DataToCheck } from './checks/check-data';
export { checkDays, hasRhythm, limitsOfFirstModel, type DayCount } from './checks/check-days';
export {
  checkEventTimes,
  checkLeaks,
  checkWithout,
  isTooGood,
  type EventTimes,
  type Ranked,
  type WithoutTable,
} from './checks/check-leaks';
export { checkDataset, type DatasetToCheck } from './checks/check-dataset';
export { dataChecksOf, parseDataChecks, type DataChecks } from './checks/data-checks';
export { checkScores, type CandidateScores } from './checks/check-scores';
export { findingsOf, limitsOfStage, type CheckFinding, type Checked } from './checks/finding';
export { applyOverrules, requireKnownChecks, stopReason, stopsOf, type Overrule } from './checks/overrule';
export {
  fitRepair,
  REPAIR_RATIO,
  REPAIR_SLOPE,
  type LookedAt,
  type RepairDecision,
  type RepairReason,
} from './repair/fit-repair';
export { rejectionOf, type Rejection } from './checks/rejection';
export { readFindings, type StoredFinding } from './checks/stored-findings';
