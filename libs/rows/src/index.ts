export {
  type OwnRules,
  withOwnRules,
  type ReadingRules,
  cellReader,
  type CellReader,
  cellValue,
} from './cell-reader';
export { MISSING_MARKS, missingTest } from './missing-marks';
export { decimalOf, delimiterOf, thousandsOf, separatorWord } from './separators';
export { openCsv } from './read-csv';
export { openJson, openNdjson } from './read-json';
export { FILE_LIMITS, fileLimitsOf, fileVariables, type FileLimits } from './file-limits';
export type { VisitRows } from './visit-rows';
export { unitOf, numberReader, type NumberNotation, type NumberReader } from './number-notation';
export { type CsvRow, readCsv, type CsvSettings } from './csv-file';
export { columnPlace, placeOf } from './csv-header';
