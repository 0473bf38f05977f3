import { FactoryError } from '@factory/domain';
import type { Metrics } from '@factory/metrics';
import { parseVersioned } from '@factory/normalisation';
import { z } from 'zod';
import { featureMomentSchema } from './feature-moment';

export const REPORT_SCHEMA_VERSION = 1;

/** All metrics of rules R7 for one set of rows; see `Metrics` of @factory/metrics for their meanings. */
export const metricsSchema: z.ZodType<Metrics> = z.looseObject({
  rows: z.number(),
  goals: z.number(),
  weight: z.number(),
  baseRate: z.number(),
  rocAuc: z.number(),
  prAuc: z.number(),
  logLoss: z.number(),
  normalisedEntropy: z.number(),
  brier: z.number(),
  liftAt5: z.number(),
  liftAt20: z.number(),
  gainAt5: z.number(),
  gainAt20: z.number(),
  threshold: z.number(),
  confusion: z.object({
    truePositive: z.number(),
    falsePositive: z.number(),
    trueNegative: z.number(),
    falseNegative: z.number(),
  }),
  accuracy: z.number(),
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  f2: z.number(),
  calibrationRatio: z.number(),
  calibrationSlope: z.number(),
  calibrationIntercept: z.number(),
});

export const DECISIONS = ['promote', 'keep', 'reject'] as const;
export type Decision = (typeof DECISIONS)[number];

/** Rows and time that a model was trained on; instants in ISO 8601, UTC. */
export const windowSchema = z.looseObject({
  start: z.string(),
  /** Exclusive end of the training part. */
  trainEnd: z.string(),
  /** Exclusive end of the out-of-time part. */
  end: z.string(),
  days: z.number(),
  sales: z.number(),
  /** The source has no visit times: there is no out-of-time part. */
  noTime: z.boolean().optional(),
});

/**
 * `report.json`: the evaluation of a run's candidate and the verdict. All metrics are weighted and of
 * natural-prior scores. Objects may have further fields: later releases add some, and older readers pass them
 * on.
 */
export const reportSchema = z.looseObject({
  schemaVersion: z.literal(REPORT_SCHEMA_VERSION),
  run: z.string(),
  source: z.string(),
  product: z.number(),
  goal: z.string(),
  createdAt: z.string(),
  window: windowSchema,
  featureMoment: featureMomentSchema.optional(),
  /** The rows that the verdict is based on (rules R6). */
  judging: z.looseObject({
    part: z.enum(['out-of-time', 'test']),
    rows: z.number(),
    goals: z.number(),
    /** Rows left out because the champion was trained or tuned on them. */
    leftOut: z.number(),
    /** Why this part was chosen. */
    reason: z.string(),
  }),
  /** Weighted fraction of goals among the judging rows. */
  baseRate: z.number(),
  candidate: z.looseObject({
    trial: z.number(),
    /** Kind of model. Absent: `network`, as in reports of releases that knew no other. */
    family: z.string().optional(),
    /** Settings of the trial (rules R5). */
    combination: z.record(z.string(), z.unknown()),
    parameters: z.number(),
    /** ln f0 - ln f1, added to the logits (rules R6). */
    priorShift: z.number(),
  }),
  /** Metrics of the candidate, by part; null if there are no such rows, or its scores are not numbers. */
  metrics: z.looseObject({
    train: metricsSchema.nullable(),
    test: metricsSchema.nullable(),
    outOfTime: metricsSchema.nullable(),
    judging: metricsSchema.nullable(),
  }),
  /** The version in force, with its own transform, on the same judging rows; null if there is none. */
  champion: z.looseObject({ version: z.string(), metrics: metricsSchema }).nullable(),
  verdict: z.looseObject({
    decision: z.enum(DECISIONS),
    /** What decided, in a word: the reason of a run that ends without a model. */
    decisive: z.string(),
    /** Each rule that was applied, with its figures and result. */
    reasons: z.array(
      z.looseObject({
        rule: z.string(),
        figure: z.union([z.number(), z.string(), z.null()]),
        limit: z.union([z.number(), z.string(), z.null()]),
        result: z.string(),
      }),
    ),
  }),
  warnings: z.array(z.string()),
});

export type Report = z.infer<typeof reportSchema>;
export type Verdict = Report['verdict'];
export type TrainingWindow = z.infer<typeof windowSchema>;

/** @throws BadInputError `unknown-schema-version`, `invalid-artefact` */
export function parseReport(json: unknown): Report {
  return parseVersioned('report.json', REPORT_SCHEMA_VERSION, reportSchema, json);
}

/**
 * The judging figures that are stored with a champion.
 *
 * @throws FactoryError `no-judging-figures` for a candidate whose scores are not numbers: it is never in force
 */
export function championFigures({ judging, metrics }: Pick<Report, 'judging' | 'metrics'>) {
  if (!metrics.judging) {
    throw new FactoryError('no-judging-figures', 'its scores are not numbers: train again', false);
  }
  const { logLoss, rocAuc, prAuc, liftAt5, calibrationRatio } = metrics.judging;
  return { judgedOn: judging.part, logLoss, rocAuc, prAuc, liftAt5, calibrationRatio };
}
