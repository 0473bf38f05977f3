export { DEFAULT_VERDICT_RULES, parseVerdictRules, type VerdictRules } from './verdict/verdict-rules';
export {
  PROFILE_SCHEMA_VERSION,
  QUANTILE_SHARES,
  parseProfile,
  profileSchema,
  type Bins,
  type CategoryStatistics,
  type ColumnStatistics,
  type NumberStatistics,
  type Profile,
} from './profile/profile';
export { binningsOf, profileDataset, type ProfileOptions } from './profile/profile-dataset';
export { passesOf, type Passes, type ProfileBatch, type RowChoice } from './profile/profile-batch';
export { countBins, type BinCounts } from './profile/bin-counts';
export type { CandidateFigures, ChampionFigures, VerdictInputs } from './verdict/verdict-inputs';
export type { Finding, RuleOutcome } from './verdict/finding';
export { judge, type Judgement } from './verdict/judge';
