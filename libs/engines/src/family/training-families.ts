import type { Family } from '@factory/domain';
import type { TrainingEngine } from '../training-engine';
import type { ModelFamily } from './model-family';
import { networkFamily } from './network-family';

/** All families that can be trained, by name; add a new one here. @param engine that trains networks */
export function trainingFamilies(engine: TrainingEngine): {
  readonly [F in Family]: ModelFamily<F>;
} {
  return { network: networkFamily(engine) };
}
