import { poolsVariables, serviceVariables, variable, wholeNumber } from '@factory/service-kit';
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { ENGINE_NAMES } from './engines/create-engine';

const GIB = 1024 ** 3;

/** Environment of the trainer. */
export const trainerConfig = z.object({
  ...serviceVariables,
  ...poolsVariables,
  WORKERS: variable(
    wholeNumber(1, 256).default(() => availableParallelism()),
    'trials at a time, each on its own thread; default: cores',
  ),
  ENGINE: variable(
    z.enum(ENGINE_NAMES, `write ${ENGINE_NAMES.join(', ')}`).default('auto'),
    'what trains; auto takes the fastest that loads',
  ),
  MAX_DATASET_BYTES: variable(
    wholeNumber(1, 1024 * GIB).default(2 * GIB),
    'most memory for transformed datasets, shared by all threads',
  ),
});
export type TrainerConfig = z.output<typeof trainerConfig>;
