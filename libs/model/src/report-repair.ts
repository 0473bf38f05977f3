import { NO_SLOPE } from '@factory/metrics';
import { z } from 'zod';
import { intervalSchema } from './report-metrics';

/** Calibration of the candidate on the rows of half `b`. */
const figuresSchema = z.looseObject({
  /** Mean predicted over observed. */
  calibrationRatio: z.number(),
  calibrationSlope: z.union([z.number(), z.enum(NO_SLOPE)]),
  /** Nats. */
  logLoss: z.number(),
});

/** The line that a model's logits were put on: `slope x logit + bias`. */
export const repairLineSchema = z.looseObject({ slope: z.number().positive(), bias: z.number() });

/** What was looked at, decided and fitted on half `a` of the out-of-time visitors (rules R6). */
export const repairSchema = z.looseObject({
  /** The rows of half `a`, and what they say of the candidate's natural scores. */
  looked: z.looseObject({
    rows: z.number(),
    goals: z.number(),
    ratio: intervalSchema,
    slope: z.union([intervalSchema, z.enum(NO_SLOPE)]),
  }),
  /** Part of every output of the model, once; null: nothing was repaired. */
  fitted: repairLineSchema.nullable(),
  /** `repaired`, or why not. */
  reason: z.string(),
  /** The same in sentences. */
  words: z.string(),
  /** On the judging rows, all in half `b`: as trained, and as repaired; null: nothing was repaired. */
  before: figuresSchema.nullable(),
  after: figuresSchema.nullable(),
});
export type ReportedRepair = z.infer<typeof repairSchema>;
