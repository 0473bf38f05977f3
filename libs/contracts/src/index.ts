export {
  MESSAGE_VERSION,
  PLAIN_REQUEST_VERSION,
  REQUEST_VERSION,
  artefactField,
  type ArtefactRef,
} from './fields';
export { newerBody, newerVersionOf } from './newer-version';
export { parseMessage } from './parse-message';
export { parseRetrainRequest, retrainRequested, type RetrainRequested } from './retrain-requested';
export { readTrial, sendTrial, type SentTrial } from './sent-trial';
export {
  candidateField,
  dataPrepared,
  drawnCountsField,
  modelEvaluated,
  modelPublished,
  modelTrained,
  runFinished,
  runQueued,
  sampleDrawn,
  trialsQueued,
  windowField,
  type Candidate,
  type DataPrepared,
  type DrawnCounts,
  type ModelEvaluated,
  type ModelPublished,
  type ModelTrained,
  type RunFinished,
  type RunQueued,
  type SampleDrawn,
  type TrialsQueued,
  type WindowMessage,
} from './messages';
export {
  ACK_WAIT_SECONDS,
  DEAD_PREFIX,
  DEFAULT_POOL,
  EVENTS,
  REQUESTS_CONSUMER,
  REQUEST_SCHEMA,
  RETRAIN_SUBJECT,
  SCHEDULED_RETRAIN_SUBJECT,
  STAGE_CHAIN,
  STREAMS,
  allConsumers,
  consumerOf,
  controlSubject,
  messageIdOf,
  progressSubject,
  subjectOf,
  type ConsumerDefinition,
  type ConsumingStage,
  type EventBody,
  type EventName,
  stageOfSubject,
} from './stage-chain';
export { progressMessage, type ProgressMessage } from './progress';
