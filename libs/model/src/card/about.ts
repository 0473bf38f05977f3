import { z } from 'zod';

/** What people have declared of a goal's models in `sources.yaml`, for the model card. */
export const aboutSchema = z.looseObject({
  /** What the scores are for. */
  purpose: z.string().optional(),
  /** Who uses them. */
  users: z.string().optional(),
  /** What a goal is worth, or what a decision by the scores brings. */
  value: z.string().optional(),
  /** What has to be so for the scores to be right. */
  assumptions: z.string().optional(),
});
export type About = z.infer<typeof aboutSchema>;
