export type { ObjectHead, ObjectStore, ObjectSummary, PutOptions, ReadLimit } from './object-store';
export { s3ConfigSchema, usesPathStyle, type S3Config } from './s3-config';
export { ObjectTooLargeError } from './read-bound';
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
