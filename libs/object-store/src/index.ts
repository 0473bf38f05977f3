export type { ObjectHead, ObjectStore, ObjectSummary, PutOptions } from './object-store';
export { s3ConfigSchema, usesPathStyle, type S3Config } from './s3-config';
export { S3ObjectStore } from './s3-object-store';
export { getVerified, openVerified, putVerified, sha256Of, verifyStream } from './verified';
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
  decodeDataset,
  encodeDataset,
  mostDatasetRows,
} from './dataset-arrow';
export { readDatasetBatches, type DatasetBatch } from './dataset-batches';
export { readScoresBatches, type ScoresBatch } from './scores-batches';
export { decodeScores, encodeScores, type Scores } from './scores-arrow';
export {
  championPointerSchema,
  readChampionPointer,
  writeChampionPointer,
  type ChampionPointer,
} from './champion-pointer';
