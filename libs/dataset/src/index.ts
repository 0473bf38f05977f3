export {
  ARROW_CONTENT_TYPE,
  DATASET_COLUMNS,
  datasetChunks,
  decodeDataset,
  encodeDataset,
  mostDatasetRows,
  type WritableDataset,
} from './dataset-arrow';
export { readDatasetBatches, type BatchVisits, type DatasetBatch, type VisitBatch } from './dataset-batches';
export { TextColumn } from './text-column';
export { readScoresBatches, type ScoresBatch } from './scores-batches';
export { decodeScores, encodeScores, scoresChunks, type Scores, type WritableScores } from './scores-arrow';
