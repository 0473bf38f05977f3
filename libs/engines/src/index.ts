export { SeededRandom } from './seeded-random';
export { initialNetwork, epochOrder } from './network-shape';
export type {
  EpochRecord,
  PausedTraining,
  TrainingEngine,
  CancelFlag,
  TrainedTrial,
  TrainingOptions,
  InputMatrix,
  TrainingData,
} from './training-engine';
export { crossEntropyOfLogit, isCorrect } from './binary-cross-entropy';
export { EVALUATION_ROWS } from './training-loop';
export { TrialCancelledError, TrialWorkerLostError, EngineUnavailableError } from './training-errors';
export { ENGINE_NAMES, type EngineName, type EngineOptions, createEngine } from './create-engine';
export { mayHaveGpu } from './tfjs/native-packages';
export { gatherRows } from './expand-rows';
export { type TfjsBackend, isUsingGpu, startTfjsBackend } from './tfjs/tfjs-backend';
export { trainGroup } from './batched/batched-trainer';
export { DeviceData } from './batched/device-data';
export { predictOnDevice } from './batched/predict-on-device';
export type { FamilyTrainingOptions, ModelFamily, PausedTrial, TrainedModel } from './family/model-family';
export { networkFamily, trainedNetwork } from './family/network-family';
export { trainingFamilies } from './family/training-families';
