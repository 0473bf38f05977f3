import { FactoryError, HALVES } from '@factory/domain';
import { parseVersioned } from '@factory/normalisation';
import { z } from 'zod';
import { featureMomentSchema } from './feature-moment';
import { windowComparisonSchema } from './report-windows';
import { repairSchema } from './report-repair';
import { checkFindingSchema, intervalSchema, judgingMetricsSchema, metricsSchema } from './report-metrics';

/** The version that this release writes. */
export const REPORT_SCHEMA_VERSION = 2;
/** The versions that this release reads. Schema 1 lacks what is marked so below; there a slope that cannot be told is 0. */
export const READ_REPORT_VERSIONS = [1, 2] as const;

export const DECISIONS = ['promote', 'keep', 'reject'] as const;
export type Decision = (typeof DECISIONS)[number];

const columnImportanceSchema = z.looseObject({ column: z.string(), increase: z.number() });
/** A raw column and the log-loss that its values save, in nats. */
export type ColumnImportance = z.infer<typeof columnImportanceSchema>;

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
  schemaVersion: z.literal(READ_REPORT_VERSIONS),
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
    /** Half of the out-of-time visitors that judges, because the other was looked at before. Absent: all of them. */
    half: z.enum(HALVES).optional(),
    rows: z.number(),
    goals: z.number(),
    /** Rows left out because the champion was trained or tuned on them. */
    leftOut: z.number(),
    /**
     * Some of the rows judged the champion before: then only the 99 % bound proves that a challenger is better. Absent in
     * schema 1.
     */
    reused: z.boolean().optional(),
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
    /** ln f0 - ln f1, added to the logits before any repair (rules R6). */
    priorShift: z.number(),
  }),
  /** Metrics of the candidate, by part; null if there are no such rows, or its scores are not numbers. */
  metrics: z.looseObject({
    train: metricsSchema.nullable(),
    test: metricsSchema.nullable(),
    outOfTime: metricsSchema.nullable(),
    /** With reliability and intervals. */
    judging: judgingMetricsSchema.nullable(),
  }),
  /** Simpler models on the same judging rows; null if the candidate's scores are not numbers. Absent in schema 1. */
  baselines: z
    .looseObject({
      /** Always saying the share of goals of these rows. */
      baseRate: z.looseObject({
        logLoss: z.number(),
        /** Log-loss of the candidate minus this one's. */
        difference: intervalSchema,
      }),
      /** Logistic regression on the same transform; absent if there is none. */
      logistic: z.looseObject({ metrics: metricsSchema, difference: intervalSchema }).optional(),
    })
    .nullish(),
  /** The version in force, with its own transform, on the same judging rows; null if there is none. */
  champion: z
    .looseObject({
      version: z.string(),
      metrics: metricsSchema,
      /** Log-loss of the candidate minus the champion's. Absent in schema 1. */
      difference: intervalSchema.optional(),
      /** Days by which its data end before the candidate's; without times, days in force. Absent in schema 1. */
      ageDays: z.number().optional(),
    })
    .nullable(),
  /**
   * The last version before the champion that was promoted with proof, on the same rows; null: the champion itself, or
   * there is none. Absent in schema 1.
   */
  anchor: z
    .looseObject({
      version: z.string(),
      logLoss: z.number(),
      /** Log-loss of the candidate minus this one's. */
      difference: intervalSchema,
    })
    .nullish(),
  verdict: z.looseObject({
    decision: z.enum(DECISIONS),
    /** What decided, in a word: the reason of a run that ends without a model. */
    decisive: z.string(),
    /** The same in a sentence. Absent in schema 1. */
    words: z.string().optional(),
    /** Sentences: worth a look, without influence on the decision. Absent in schema 1. */
    warnings: z.array(z.string()).optional(),
    /** Sentences: somebody should act. Absent in schema 1. */
    alerts: z.array(z.string()).optional(),
    /**
     * The version that a later challenger is compared with beside this one, if this one is published: the last that was
     * promoted with proof. Null: this one itself. Absent in schema 1.
     */
    anchor: z.looseObject({ version: z.string(), manifestSha256: z.string() }).nullish(),
    /** Each rule that was applied, with its figures and result. */
    reasons: z.array(
      z.looseObject({
        rule: z.string(),
        figure: z.union([z.number(), z.string(), z.null()]),
        limit: z.union([z.number(), z.string(), z.null()]),
        /** `passed`, `failed`, or `skipped` where there was nothing to look at. */
        result: z.string(),
        /** A sentence. Absent in schema 1. */
        words: z.string().optional(),
      }),
    ),
  }),
  /** What the check of the candidate's scores found. Absent in schema 1. */
  scoreChecks: z.array(checkFindingSchema).optional(),
  /** Warnings of the checks of its data. Absent in schema 1. */
  dataChecks: z.array(checkFindingSchema).optional(),
  /** Of the files of the candidate's model in a bundle. Absent in schema 1. */
  bytes: z.number().optional(),
  /** Microseconds to score one raw row, median. Absent in schema 1, and if no row could be timed. */
  latencyMicros: z.number().optional(),
  /**
   * Permutation importance of the candidate's columns, most important first: by how much the log-loss rises when the
   * values of one column are exchanged between some judging rows. Absent in schema 1.
   */
  importance: z
    .looseObject({
      /** Judging rows that it was measured on. */
      rows: z.number(),
      columns: z.array(columnImportanceSchema),
    })
    .optional(),
  /** How the share of goals has moved since the training window. Absent without out-of-time goals. */
  baseRateChange: z
    .looseObject({
      /** Share of goals of all visits of the training window. */
      window: z.number(),
      /** The same of the out-of-time rows, weighted. */
      outOfTime: z.number(),
      /** The latter over the former. */
      ratio: z.number(),
    })
    .optional(),
  /** What half `a` of the out-of-time visitors said of its probabilities; null: it was not looked at. Absent in schema 1. */
  repair: repairSchema.nullish(),
  /** The training windows that were compared; absent: there was one. */
  windows: windowComparisonSchema.optional(),
  warnings: z.array(z.string()),
});

export type Report = z.infer<typeof reportSchema>;
export type Verdict = Report['verdict'];
export type TrainingWindow = z.infer<typeof windowSchema>;

/** @throws BadInputError `unknown-schema-version`, `invalid-artefact` */
export function parseReport(json: unknown): Report {
  return parseVersioned('report.json', READ_REPORT_VERSIONS, reportSchema, json);
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
