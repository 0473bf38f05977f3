import { z } from 'zod';
import { intervalSchema } from './report-metrics';

/** Why a training window was chosen among several (rules R1). */
export const WINDOW_CHOICES = ['longest', 'fresher', 'too-few-goals'] as const;

const comparedWindowSchema = z.looseObject({
  /** First instant of its training part, ISO 8601, UTC. */
  start: z.string(),
  days: z.number(),
  /** Visits with the goal in its training part. */
  sales: z.number(),
  /** Number of its trial. */
  trial: z.number(),
  /** The one that the sales volume chooses. */
  byVolume: z.boolean(),
  /** The one that the candidate was trained on. */
  chosen: z.boolean(),
  /** Nats. Absent: its scores are not numbers, or there were no goals to compare by. */
  logLoss: intervalSchema.optional(),
  /** Its log-loss minus that of the longest window. */
  overLongest: intervalSchema.optional(),
  /** Its log-loss minus the lowest of all. */
  overBest: intervalSchema.optional(),
});

/** Models of several training windows with the same settings, on half a of the out-of-time rows. */
export const windowComparisonSchema = z.looseObject({
  /**
   * `longest`: no window is surely better than it. `fresher`: longer ones are surely worse than the best. `too-few-goals`:
   * the sales volume has chosen.
   */
  reason: z.enum(WINDOW_CHOICES),
  /** Rows and goals that they were compared on. */
  rows: z.number(),
  goals: z.number(),
  /** In order of days. A window whose model was lost is missing. */
  compared: z.array(comparedWindowSchema).min(1),
});
export type WindowComparison = z.infer<typeof windowComparisonSchema>;

/** Whether the comparison has decided, so that its rows may not judge the candidate. */
export function hasDecided(windows: WindowComparison | undefined): boolean {
  return windows !== undefined && windows.reason !== 'too-few-goals';
}
