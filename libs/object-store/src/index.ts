export type { ObjectHead, ObjectStore, ObjectSummary, PutOptions } from './object-store';
export { s3ConfigSchema, usesPathStyle, type S3Config } from './s3-config';
export { S3ObjectStore } from './s3-object-store';
export {
  getVerified,
  openVerified,
  putVerified,
  putVerifiedStream,
  sha256Of,
  verifyStream,
} from './verified';
export { readVerified, type ByteSource, type SizedSource } from './read-verified';
export {
  championKey,
  modelPrefix,
  runFileKey,
  runPrefix,
  versionFileKey,
  versionPrefix,
  type StageClaim,
} from './artefact-keys';
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
export {
  championPointerSchema,
  readChampionPointer,
  writeChampionPointer,
  type ChampionPointer,
} from './champion-pointer';
