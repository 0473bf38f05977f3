import { ENGINE_NAMES } from '@factory/engines';
import {
  poolsVariables,
  rulesVariables,
  serviceVariables,
  variable,
  wholeNumber,
} from '@factory/service-kit';
import { availableParallelism } from 'node:os';
import { z } from 'zod';

const GIB = 1024 ** 3;

/** An engine for one network at a time, or the GPU for whole groups. */
const ENGINES = [...ENGINE_NAMES, 'gpu'] as const;

/** Environment of the trainer. */
export const trainerConfig = z.object({
  ...serviceVariables,
  ...poolsVariables,
  ...rulesVariables,
  WORKERS: variable(
    wholeNumber(1, 256).default(() => availableParallelism()),
    'number of trials trained at the same time, each on its own thread; default: number of cores',
  ),
  ENGINE: variable(
    z.enum(ENGINES, `write ${ENGINES.join(', ')}`).default('auto'),
    'training engine; auto uses the fastest that loads; gpu trains whole groups as one program on a GPU',
  ),
  TFJS_NATIVE_DIR: variable(
    z.string().min(1).optional(),
    "folder that `npm run build:tfjs-native` printed, for gpu and tfjs-native; default: Node's own search for packages",
  ),
  MAX_DATASET_BYTES: variable(
    wholeNumber(1, 1024 * GIB).default(2 * GIB),
    'memory limit for datasets, in bytes: transformed datasets, shared by all threads, and the memory of planning',
  ),
});
export type TrainerConfig = z.output<typeof trainerConfig>;
