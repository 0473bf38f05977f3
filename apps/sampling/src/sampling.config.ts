import { rulesVariables, serviceVariables, variable, wholeNumber } from '@factory/service-kit';
import { sourceReadingVariables } from '@factory/stage';
import { z } from 'zod';

/** Was the default in the source code until 0.1.0: every reader of the code could identify visitors by their hash. */
const FORMER_DEFAULT = 'propensity-factory';
const MAKE_A_KEY = '`openssl rand -hex 32` generates one';

/** Environment of sampling. */
export const samplingConfig = z.object({
  ...serviceVariables,
  ...sourceReadingVariables,
  ...rulesVariables,
  CONCURRENCY: variable(
    wholeNumber(1, 64).default(2),
    'number of runs that this process samples at the same time',
  ),
  VISITOR_HASH_KEY: variable(
    z
      .string()
      .min(16, `use at least 16 characters: ${MAKE_A_KEY}`)
      .refine((key) => new Set(key).size > 4, `use more than 4 different characters: ${MAKE_A_KEY}`)
      .refine((key) => key !== FORMER_DEFAULT, `choose another key, this one is public: ${MAKE_A_KEY}`),
    'secret key of the hash that replaces visitor ids in datasets; never change it in an installation',
    { secret: 'whole' },
  ),
});
export type SamplingConfig = z.output<typeof samplingConfig>;
