export {
  profileColumns,
  type CategoryProfile,
  type ColumnProfile,
  type NumberProfile,
} from './column-profile';
export { fitTransform, type FitOptions } from './fit-transform';
export { LayoutWriter, applyLayout, applyTransform, type TransformedRows } from './apply-transform';
export type { CodedMatrix } from './feature-writers';
export {
  CODES_FROM_OUTPUTS,
  NO_COLUMN,
  codedLayout,
  denseLayout,
  type CodedGroup,
  type MatrixLayout,
} from './matrix-layout';
export { transformRow, type CellFinding, type OnFinding } from './transform-row';
export { invertVector } from './invert-vector';
export { transformWithout } from './transform-without';
export {
  DROP_REASONS,
  SCALERS,
  TRANSFORM_SCHEMA_VERSION,
  outputNames,
  uniqueOutputNames,
  parseTransform,
  transformSchema,
  type DropReason,
  type DroppedColumn,
  type Feature,
  type Scaler,
  type Transform,
} from './transform';
export { parseVersioned } from './versioned-json';
