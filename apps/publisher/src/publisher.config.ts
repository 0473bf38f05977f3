import { serviceVariables, variable, wholeNumber } from '@factory/service-kit';
import { z } from 'zod';

/** Environment of the publisher. */
export const publisherConfig = z.object({
  ...serviceVariables,
  CONCURRENCY: variable(
    wholeNumber(1, 64).default(2),
    'number of runs that this process publishes at the same time',
  ),
});
