import { ENGINE_NAMES } from '@factory/engines';
import { poolsVariables, serviceVariables, variable, wholeNumber } from '@factory/service-kit';
import { availableParallelism } from 'node:os';
import { z } from 'zod';

const GIB = 1024 ** 3;

/** An engine for one network at a time, or the GPU for whole groups. */
const ENGINES = [...ENGINE_NAMES, 'gpu'] as const;

/** Environment of the trainer. */
export const trainerConfig = z.object({
  ...serviceVariables,
  ...poolsVariables,
  WORKERS: variable(
    wholeNumber(1, 256).default(() => availableParallelism()),
    'trials at a time, each on its own thread; default: cores',
  ),
  ENGINE: variable(
    z.enum(ENGINES, `write ${ENGINES.join(', ')}`).default('auto'),
    'what trains; auto takes the fastest that loads; gpu trains whole groups at once on a GPU',
  ),
  TFJS_NATIVE_DIR: variable(
    z.string().min(1).optional(),
    "folder that `npm run build:tfjs-native` printed, for gpu and tfjs-native; else Node's own search for packages",
  ),
  MAX_DATASET_BYTES: variable(
    wholeNumber(1, 1024 * GIB).default(2 * GIB),
    'most memory for datasets: transformed ones, which all threads share, and what planning holds of one',
  ),
});
export type TrainerConfig = z.output<typeof trainerConfig>;
