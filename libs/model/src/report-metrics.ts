import { NO_SLOPE, type BootstrapInterval, type Metrics, type ReliabilityBin } from '@factory/metrics';
import { z } from 'zod';

const metricsFields = {
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
  calibrationSlope: z.union([z.number(), z.enum(NO_SLOPE)]),
  calibrationIntercept: z.number(),
};

/** All metrics of rules R7 for one set of rows; see `Metrics` of @factory/metrics for their meanings. */
export const metricsSchema: z.ZodType<Metrics> = z.looseObject(metricsFields);

/** How sure a figure is, by drawing visitors with replacement. */
export const intervalSchema: z.ZodType<BootstrapInterval> = z.looseObject({
  /** On the rows as they are. */
  estimate: z.number(),
  lower95: z.number(),
  upper95: z.number(),
  lower99: z.number(),
  upper99: z.number(),
});

/** One of ten bins of equal weight, from the lowest scores to the highest. */
const binSchema: z.ZodType<ReliabilityBin> = z.looseObject({
  from: z.number(),
  to: z.number(),
  rows: z.number(),
  goals: z.number(),
  weight: z.number(),
  predicted: z.number(),
  observed: z.number(),
  lower95: z.number(),
  upper95: z.number(),
});

/** What is known of the judging rows in addition. */
export interface JudgingMetrics extends Metrics {
  /** Predicted and observed share of goals in ten bins by score. Absent in schema 1. */
  readonly reliability?: readonly ReliabilityBin[] | undefined;
  /** By figure: `logLoss`, `rocAuc`, `calibrationRatio`, `meanScore`. Absent in schema 1. */
  readonly intervals?: Readonly<Record<string, BootstrapInterval>> | undefined;
}

export const judgingMetricsSchema: z.ZodType<JudgingMetrics> = z.looseObject({
  ...metricsFields,
  reliability: z.array(binSchema).optional(),
  intervals: z.record(z.string(), intervalSchema).optional(),
});

/** A check of data or scores that has found something. */
export interface ReportedFinding {
  /** As in the list of checks. */
  readonly code: string;
  readonly severity: 'stop' | 'warn';
  readonly figure: number;
  readonly limit: number;
  /** Column or feature table that it is about. */
  readonly column?: string | undefined;
  /** Chance that clean data gives a finding as clear among all tests of the run; absent: the check is no test. */
  readonly chance?: number | undefined;
  /** A sentence for people. */
  readonly words: string;
  /** Present: a person has decided that it does not stop this run. */
  readonly overruled?: { readonly reason: string; readonly by: string } | undefined;
}

export const checkFindingSchema: z.ZodType<ReportedFinding> = z.looseObject({
  code: z.string(),
  severity: z.enum(['stop', 'warn']),
  figure: z.number(),
  limit: z.number(),
  column: z.string().optional(),
  chance: z.number().optional(),
  words: z.string(),
  overruled: z.looseObject({ reason: z.string(), by: z.string() }).optional(),
});
