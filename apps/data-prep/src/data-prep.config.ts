import { serviceVariables, variable, wholeNumber } from '@factory/service-kit';
import { sourceReadingVariables } from '@factory/stage';
import { z } from 'zod';

/** Environment of data-prep. */
export const dataPrepConfig = z.object({
  ...serviceVariables,
  ...sourceReadingVariables,
  CONCURRENCY: variable(wholeNumber(1, 64).default(4), 'runs that are prepared at a time by this process'),
  SWEEP_SECONDS: variable(
    wholeNumber(1, 3_600).default(15),
    'how often runs that nobody will be told of are looked for',
  ),
});
export type DataPrepConfig = z.output<typeof dataPrepConfig>;
