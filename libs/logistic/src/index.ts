export {
  MOST_COLUMNS,
  NO_FIT,
  fitLogistic,
  type LogisticFit,
  type LogisticOptions,
  type NoFit,
  type NoLogisticFit,
} from './fit-logistic';
export type { RowBlock, TrainingRows } from './training-rows';
