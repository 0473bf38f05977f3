export {
  SourceAccess,
  type ReadOptions,
  type SourceAccessOptions,
  type SourceReading,
} from './access/source-access';
export { SOURCE_LIMITS, type SourceLimits } from './access/source-limits';
export { SourceGate, type Leave, type SourceAdmission } from './access/source-gate';
export { orDrop, type UnreadableColumn } from './values/unreadable-values';
export {
  SourceReader,
  type FeatureCoverage,
  type GoalsBeforeVisit,
  type UnreadableInput,
} from './reading/source-reader';
export { SourceSnapshot, type DrawRequest, type DrawnVisits } from './reading/source-snapshot';
export { leftOutOf, type LeftOut, type Population } from './reading/population';
export type { TableVisitsOfDay, VisitsOfDay } from './reading/visits-of-days';
export { productState, type ProductList, type ProductState } from './reading/product-list';
export {
  coverageOf,
  cutOf,
  featureMomentOf,
  observeSecondsOf,
  type Cut,
  type FeatureMoment,
} from './declaration/cut-declaration';
export { DEFAULT_SOURCE, sourceMeant } from './declaration/source-meant';
export { ConnectionsFile } from './declaration/connections-file';
export { readTextFile } from './declaration/read-text-file';
export { WatchedFile, unreadableFile, type WatchedState } from './declaration/watched-file';
export {
  SourcesFile,
  horizonDaysOf,
  parseSources,
  rowGoalsOf,
  type Sources,
} from './declaration/sources-file';
export {
  sourcesSchema,
  type AnyGoal,
  type FeatureTable,
  type GoalFilter,
  type RowGoal,
  type SourceDefinition,
} from './declaration/sources-schema';
export type { CatalogueCode, CatalogueFault } from './catalogue/catalogue-check';
export type {
  DroppedColumn,
  FeatureColumn,
  ResolvedFeatureTable,
  ResolvedFeatures,
} from './catalogue/feature-columns';
export type { FilterMatches } from './queries/count-filter-matches';
export type { VisitRange } from './queries/goal-visits';
export type { RanQuery } from './queries/query';
export { sourceGrants, type SourceAccount } from './access/grants';
export { sourceError, closeSource, connectSource } from './access/source-connection';
