import { serviceVariables, variable, wholeNumber } from '@factory/service-kit';
import { z } from 'zod';

/** Environment of the evaluator. */
export const evaluatorConfig = z.object({
  ...serviceVariables,
  CONCURRENCY: variable(wholeNumber(1, 64).default(1), 'runs that are evaluated at a time by this process'),
});
