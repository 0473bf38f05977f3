import { parseVersioned } from '@factory/normalisation';
import { z } from 'zod';

export const PROFILE_SCHEMA_VERSION = 1;

const figure = z.number();
const share = z.number().min(0).max(1);

/**
 * Variances of a column's bin shares, for the null of a shift (docs/statistics.md, "Has a column moved?").
 */
const noiseSchema = z.object({
  /** [bins] of the shares as they are, from visitors with all their visits. */
  visitors: z.array(figure),
  /** Satterthwaite's degrees of freedom of the weighted chi-square that they make. */
  visitorsDf: figure,
  /** [bins] of one day's shares, beyond what visitors explain. Empty: too few days to tell. */
  days: z.array(figure),
  daysDf: figure,
  /** Degrees of freedom of the estimate: days or weeks less what was fitted. */
  daysEstimateDf: figure,
});

/** Bins are: missing, then mode (where there is one) and intervals, or levels and all other levels. */
const binsSchema = z.object({
  /** Numbers: ascending inner bounds of the intervals; interval i is (edges[i - 1], edges[i]]. */
  edges: z.array(figure).optional(),
  /** Numbers: the value with a bin of its own. */
  mode: figure.nullable().optional(),
  /** Categories: levels with bins of their own. */
  levels: z.array(z.string()).optional(),
  /** [bins] weighted, adding up to 1. */
  shares: z.array(share),
  /** [7, bins] of each weekday, Sunday first; null: none of them in the window. */
  byWeekday: z.array(z.array(share).nullable()).length(7),
  noise: noiseSchema,
});
export type Bins = z.infer<typeof binsSchema>;

const commonFields = {
  name: z.string(),
  /** Weighted share of rows whose value is unknown or not finite. */
  missing: share,
  /** Weighted shares of the goals and of the other visits whose value is known. */
  knownOfGoals: share,
  knownOfOthers: share,
  /**
   * Area under the ROC curve of the column alone, unknown apart; at least .5: a column that ranks backwards ranks.
   * Of categories, by goal rates learned on the other half of the visitors.
   */
  auc: share,
  /** Shares of intervals of values, or of levels, frozen: later data is counted in the same ones. */
  bins: binsSchema,
};

const numberColumnSchema = z.object({
  kind: z.literal('number'),
  ...commonFields,
  /** Weighted share of rows whose value is 0. */
  zeros: share,
  min: figure,
  max: figure,
  mean: figure,
  /** Weighted, with n. */
  deviation: figure,
  /** [QUANTILE_SHARES] of the known values. */
  quantiles: z.array(figure),
  /** Median of the values that are not 0, without their sign; 0 where there are none. */
  medianSize: figure,
  /** Weighted point-biserial correlation with the label, of known values. */
  correlation: figure.min(-1).max(1),
});

const categoryColumnSchema = z.object({
  kind: z.literal('category'),
  ...commonFields,
  /** The most frequent levels, at most `MOST_LEVELS`; shares are of all rows, weighted. */
  levels: z.array(z.object({ level: z.string(), rows: z.number(), share })),
  /** All other levels that occur. */
  rest: z.object({ levels: z.number(), rows: z.number(), share }),
});

export const columnStatisticsSchema = z.discriminatedUnion('kind', [
  numberColumnSchema,
  categoryColumnSchema,
]);
export type NumberStatistics = z.infer<typeof numberColumnSchema>;
export type CategoryStatistics = z.infer<typeof categoryColumnSchema>;
export type ColumnStatistics = z.infer<typeof columnStatisticsSchema>;

export const profileSchema = z.object({
  schemaVersion: z.literal(PROFILE_SCHEMA_VERSION),
  /** Exclusive end of the days that were looked at, ISO 8601 UTC: only later ones may be compared with it. */
  end: z.iso.datetime(),
  /** Rows, and those with the goal. */
  rows: z.number(),
  goals: z.number(),
  /** Visits that the rows stand for, and the goals among them. */
  weight: figure,
  goalWeight: figure,
  /** (sum of weights)^2 / sum of their squares (Kish 1965). */
  effectiveRows: figure,
  /** Of each day (UTC) with a row, ascending. */
  days: z.array(
    z.object({ day: z.iso.date(), rows: z.number(), goals: z.number(), weight: figure, goalWeight: figure }),
  ),
  /** In the dataset's order. */
  columns: z.array(columnStatisticsSchema),
  /** The hour of the visit in UTC, in eighths of a day. */
  hour: categoryColumnSchema,
  /** Names of columns that say the same: equal, or correlated by at least .999 either way. */
  alike: z.array(z.array(z.string()).min(2)),
});

/** What a dataset looked like: part of bundles, and what later data is compared with. */
export type Profile = z.infer<typeof profileSchema>;

/** Of `quantiles`. */
export const QUANTILE_SHARES = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] as const;
export const MOST_LEVELS = 50;

/**
 * @throws NewerVersionError if it was written by a later release
 * @throws BadInputError `invalid-artefact` naming the field that does not fit
 */
export function parseProfile(value: unknown): Profile {
  return parseVersioned('profile.json', PROFILE_SCHEMA_VERSION, profileSchema, value);
}
