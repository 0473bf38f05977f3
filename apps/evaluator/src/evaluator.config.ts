import { rulesVariables, serviceVariables, variable, wholeNumber } from '@factory/service-kit';
import { z } from 'zod';

/** Environment of the evaluator. */
export const evaluatorConfig = z.object({
  ...serviceVariables,
  ...rulesVariables,
  CONCURRENCY: variable(
    wholeNumber(1, 64).default(1),
    'number of runs that this process evaluates at the same time',
  ),
});
