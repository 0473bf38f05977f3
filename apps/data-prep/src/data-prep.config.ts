import { rulesVariables, serviceVariables, variable, wholeNumber } from '@factory/service-kit';
import { sourceReadingVariables } from '@factory/stage';
import { z } from 'zod';

/** Environment of data-prep. */
export const dataPrepConfig = z.object({
  ...serviceVariables,
  ...sourceReadingVariables,
  ...rulesVariables,
  CONCURRENCY: variable(
    wholeNumber(1, 64).default(4),
    'number of runs that this process prepares at the same time',
  ),
  SWEEP_SECONDS: variable(
    wholeNumber(1, 3_600).default(15),
    'interval in which open work without a pending message is searched for and announced again',
  ),
});
export type DataPrepConfig = z.output<typeof dataPrepConfig>;
