import { serviceVariables, variable, wholeNumber } from '@factory/service-kit';
import { sourceReadingVariables } from '@factory/stage';
import { z } from 'zod';

/** Stood in the source as a default until 0.1.0: whoever reads the code could tell visitors by their hash. */
const FORMER_DEFAULT = 'propensity-factory';
const MAKE_A_KEY = '`openssl rand -hex 32` makes one';

/** Environment of sampling. */
export const samplingConfig = z.object({
  ...serviceVariables,
  ...sourceReadingVariables,
  CONCURRENCY: variable(wholeNumber(1, 64).default(2), 'runs that are sampled at a time by this process'),
  VISITOR_HASH_KEY: variable(
    z
      .string()
      .min(16, `use at least 16 characters: ${MAKE_A_KEY}`)
      .refine((key) => new Set(key).size > 4, `use more than 4 different characters: ${MAKE_A_KEY}`)
      .refine((key) => key !== FORMER_DEFAULT, `choose a key of your own, this one is public: ${MAKE_A_KEY}`),
    'secret key of the hash that stands for a visitor in datasets; the same for the life of an installation',
    { secret: 'whole' },
  ),
});
export type SamplingConfig = z.output<typeof samplingConfig>;
