import type { NetworkSettings } from '@factory/domain';
import type { TrainingData } from '../training-engine';
import { syntheticData } from './synthetic-data';

/** The reference settings of rules R5. */
export const REFERENCE_SETTINGS: NetworkSettings = {
  node1: 64,
  node2: 32,
  dropout1: 0.5,
  dropout2: 0.5,
  optimizer: 'adam',
  learningRate: 0.001,
  lrAnnealing: 0.1,
  batchSize: 32,
  epochs: 50,
};

/** No dropout, so that engines with other random numbers can be compared. */
export const SMALL: NetworkSettings = {
  ...REFERENCE_SETTINGS,
  node1: 12,
  node2: 7,
  dropout1: 0,
  dropout2: 0,
  epochs: 6,
};

/** Overfits its train rows: stops early, and its rate drops before that. */
export const OVERFITTING: NetworkSettings = {
  ...SMALL,
  node1: 64,
  node2: 32,
  learningRate: 0.02,
  epochs: 40,
};

/** 203 train rows of six columns: the last batch of an epoch is not full. */
export function smallData(): TrainingData {
  const data = syntheticData(340, 6, 5);
  return { ...data, trainRows: data.trainRows.subarray(0, 203) };
}
