import type { Family } from '@factory/domain';
import type { TrainingEngine } from '../training-engine';
import type { ModelFamily } from './model-family';
import { networkFamily } from './network-family';

/** Every family that can be trained, by name; whoever adds one adds it here. @param engine that trains networks */
export function trainingFamilies(engine: TrainingEngine): Readonly<Record<Family, ModelFamily>> {
  return { network: networkFamily(engine) };
}
