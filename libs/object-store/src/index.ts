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
