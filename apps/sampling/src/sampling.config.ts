import { serviceVariables, sourceReadingVariables, variable, wholeNumber } from '@factory/service-kit';
import { z } from 'zod';

/** Environment of sampling. */
export const samplingConfig = z.object({
  ...serviceVariables,
  ...sourceReadingVariables,
  CONCURRENCY: variable(wholeNumber(1, 64).default(2), 'runs that are sampled at a time by this process'),
  VISITOR_HASH_KEY: variable(
    z.string().min(8, 'use at least 8 characters').default('propensity-factory'),
    'key of the hash that stands for a visitor in datasets; the same for ever in one installation',
    { secret: 'whole' },
  ),
});
export type SamplingConfig = z.output<typeof samplingConfig>;
