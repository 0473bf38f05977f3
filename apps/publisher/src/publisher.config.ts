import { serviceVariables, variable, wholeNumber } from '@factory/service-kit';
import { z } from 'zod';

/** Environment of the publisher. */
export const publisherConfig = z.object({
  ...serviceVariables,
  CONCURRENCY: variable(wholeNumber(1, 64).default(2), 'runs that are published at a time by this process'),
});
