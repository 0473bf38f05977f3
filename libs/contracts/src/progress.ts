import { STAGES } from '@factory/domain';
import { z } from 'zod';
import { runField } from './fields';

/** What people watch while a run works; lost if nobody listens (architecture, Messages). */
export const progressMessage = z.object({
  /** The run that the message is about. */
  run: runField,
  /** The stage in progress. */
  stage: z.enum(STAGES),
  /** ISO 8601, UTC. */
  at: z.iso.datetime(),
  /** What is being done, as one short line. */
  doing: z.string(),
  /** Trials of the run that have ended. */
  trialsDone: z.number().int().optional(),
  /** Trials of the run. */
  trialsTotal: z.number().int().optional(),
  /** Lowest natural validation log-loss so far in the group. */
  best: z.number().optional(),
  /** Trial in progress. */
  trial: z.number().int().optional(),
  /** Its epoch. */
  epoch: z.number().int().optional(),
});
export type ProgressMessage = z.infer<typeof progressMessage>;
