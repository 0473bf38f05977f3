export {
  loadShop,
  shopNames,
  type LoadOptions,
  type LoadProgress,
  type LoadedProduct,
  type LoadedShop,
} from './load-shop';
export { FEATURE_SETS, planShop, type FeatureSet, type ProductOptions, type ShopOptions } from './shop-plan';
export type { ProductPlan, ShopPlan } from './planned-shop';
export { demoProducts, fleetProducts } from './example-shops';
export { simulateVisits, type SimulatedVisit } from './simulate-visits';
export { Random } from './random';
export { weightedAuc } from './oracle';
export { TRUE_PROPENSITY_TABLE, type SourcesYamlEntry } from './shop-schema';
export { OBSERVE_SECONDS } from './event-tables';
export type { Series, SeriesTable } from './series/series';
export { simulateSeries, type SeriesOptions, type SimulatedSeries } from './series/simulate-series';
export { drawSeries, type DrawOptions } from './series/draw-series';
export { countSeries, type SeriesDay } from './series/count-series';
export { PLANTED_FAULTS, type FaultyDays, type PlantedFault } from './series/faults';
