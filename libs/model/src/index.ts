export { MODEL_FILES, type LogitLine, type ModelFile, type Predictor } from './predictor';
export { decodeModel } from './families';
export type { Activation, DenseLayerWeights, NetworkWeights } from './network/network-weights';
export { NetworkModel } from './network/network-model';
export { forwardLogits } from './network/forward-pass';
export { LOGISTIC_FILE, decodeLogistic, type LogisticWeights } from './logistic/logistic-file';
export { LogisticModel } from './logistic/logistic-model';
export { buildPercentiles, parsePercentiles, percentileOf, type Percentiles } from './percentiles';
export {
  GoldenRowsError,
  LOGIT_TOLERANCE,
  PROBABILITY_TOLERANCE,
  buildGoldenRows,
  checkGoldenRows,
  drawGoldenPlaces,
  goldenRowsOf,
  parseGoldenRows,
  rawValue,
  type GoldenFailure,
  type GoldenInput,
  type GoldenRow,
  type GoldenRows,
} from './golden-rows';
export { WINDOW_CHOICES, hasDecided, windowComparisonSchema, type WindowComparison } from './report-windows';
export {
  DECISIONS,
  READ_REPORT_VERSIONS,
  REPORT_SCHEMA_VERSION,
  championFigures,
  parseReport,
  reportSchema,
  type Decision,
  type Report,
  type TrainingWindow,
  type Verdict,
  type ColumnImportance,
} from './report';
export type { JudgingMetrics, ReportedFinding } from './report-metrics';
export {
  MANIFEST_SCHEMA_VERSION,
  buildManifest,
  parseManifest,
  type FittedOn,
  type Lineage,
  type Manifest,
  type OutOfTimeHalf,
} from './manifest';
export {
  MOST_LEVELS,
  PROFILE_SCHEMA_VERSION,
  QUANTILE_SHARES,
  parseProfile,
  profileSchema,
  type Bins,
  type CategoryStatistics,
  type ColumnStatistics,
  type NumberStatistics,
  type Profile,
} from './profile';
export { cutWarnings, featureMomentSchema, momentWarnings, type FeatureMoment } from './feature-moment';
export { aboutSchema, type About } from './card/about';
export type { CardInput } from './card/card-input';
export { windowsPicture } from './card/windows-picture';
export { modelCard, PICTURES, type Picture } from './card/model-card';
export {
  BUNDLE_FILES,
  MANIFEST_FILE,
  decodeBundle,
  encodeBundle,
  readBundleCard,
  readBundleProfile,
  type BundleCard,
  type BundleFile,
  type BundleParts,
  type DecodedBundle,
  type ReadBundleFile,
  type ScoringParts,
} from './bundle';
export { baseRateWords } from './base-rate-words';
export { BUNDLE_SCHEMAS } from './bundle-schemas';
export { Scorer, loadScorer, type ColumnScores, type Score } from './scorer';
export { LEAST_ROWS, isFarAbove, shareInTraining, type TrainingShare } from './fit-rule';
export { matchColumns } from './match-columns';
export {
  FitCounts,
  UnfitRowsError,
  checkRowFit,
  describeUnfit,
  type FitOptions,
  type RowFit,
  type UnfitColumn,
} from './row-fit';
