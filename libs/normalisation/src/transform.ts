import { z } from 'zod';
import { parseVersioned } from './versioned-json';

export const TRANSFORM_SCHEMA_VERSION = 1;

/** How numbers are scaled: by mean and deviation, by the largest absolute value, or not at all. */
export const SCALERS = ['standard', 'maxabs', 'none'] as const;
export type Scaler = (typeof SCALERS)[number];

/**
 * Counts of TRAIN rows, for comparison with the rows to be scored. Absent in files written before it was
 * recorded.
 */
const trainingCounts = z.object({
  /** Rows whose value is unknown. */
  unknown: z.number().int().nonnegative(),
});

const numberFeature = z.object({
  kind: z.literal('number'),
  column: z.string(),
  /** With the smallest and largest value, float32. */
  training: trainingCounts.extend({ min: z.number(), max: z.number() }).optional(),
  /** Replaces an unknown value. */
  median: z.number(),
  /** An additional output, `<column>__missing`: 1 if the value is unknown. */
  indicator: z.boolean(),
  /** Output = clip((value - mean) / deviation). maxabs: 0 and the largest absolute value; none: 0 and 1. */
  mean: z.number(),
  deviation: z.number(),
  /** `iqr`: mean and deviation of the values inside the fence; `none`: of all values. */
  trim: z.enum(['iqr', 'none']),
  /** Outputs are in [-clip, clip]; null = unbounded. */
  clip: z.number().positive().nullable(),
});

const categoryFeature = z.object({
  kind: z.literal('category'),
  column: z.string(),
  /** With the number of levels that occurred in one row only. */
  training: trainingCounts.extend({ singleLevels: z.number().int().nonnegative() }).optional(),
  /** Levels with their own output, most frequent first. */
  levels: z.array(z.string()),
  /** The other levels seen in training, by bytes. They share the output `other` if there is one. */
  rest: z.array(z.string()),
  other: z.boolean(),
  /** An additional output, `<column>__missing`: 1 if the category is unknown. */
  indicator: z.boolean(),
});

const presenceFeature = z.object({
  kind: z.literal('presence'),
  column: z.string(),
  training: trainingCounts.optional(),
  /** The value that a known one has in the inverse; its type is the column's. */
  known: z.union([z.number(), z.string()]),
});

export const DROP_REASONS = [
  'excluded',
  'constant',
  'missing-or-zero',
  'identical',
  'id-like',
  'low-variance',
] as const;

/**
 * `transform.json` (rules R4): converts raw columns into the network's inputs. Fitted once on TRAIN rows, then
 * frozen.
 *
 * Layout: `features` in order; each has its outputs in order, next to each other, and `outputs` names them all:
 * - `number`: the scaled value `<column>`, then `<column>__missing` if `indicator`;
 * - `category`: one `<column>=<level>` for each of `levels`, then `<column>__other` if `other`,
 *   then `<column>__missing` if `indicator`; a level that training never saw gives zeros only;
 * - `presence`: `<column>__missing` alone (the column has one known value, or its value was of too little
 *   variance). Names are unique: see `uniqueOutputNames`.
 *
 * value -> float32 -> float64: median if unknown, (value - mean) / deviation, clip -> float32. Indicators and
 * one-hot outputs are 0 or 1 and not scaled. `dropped` names every column (or single output) left out, and why.
 */
export const transformSchema = z.object({
  schemaVersion: z.literal(TRANSFORM_SCHEMA_VERSION),
  scaler: z.enum(SCALERS),
  /** Number of TRAIN rows that it was fitted on. */
  rows: z.number().int().positive(),
  features: z.array(z.discriminatedUnion('kind', [numberFeature, categoryFeature, presenceFeature])).min(1),
  outputs: z.array(z.string()).min(1),
  dropped: z.array(
    z.object({
      column: z.string(),
      /** Set if only this output of the column was dropped. */
      output: z.string().optional(),
      reason: z.enum(DROP_REASONS),
      /** The kept column that an `identical` one equals. */
      sameAs: z.string().optional(),
    }),
  ),
});

export type Transform = z.infer<typeof transformSchema>;
export type Feature = Transform['features'][number];
export type NumberFeature = z.infer<typeof numberFeature>;
export type CategoryFeature = z.infer<typeof categoryFeature>;
export type PresenceFeature = z.infer<typeof presenceFeature>;
export type DroppedColumn = Transform['dropped'][number];
export type DropReason = DroppedColumn['reason'];

/**
 * Reads `transform.json`.
 *
 * @throws BadInputError `unknown-schema-version`, `invalid-artefact`
 */
export function parseTransform(json: unknown): Transform {
  return parseVersioned('transform.json', TRANSFORM_SCHEMA_VERSION, transformSchema, json);
}

/**
 * The names of all outputs, feature by feature. Numbers keep the name of their column; a name of an indicator
 * or a level that is already taken (`x3__missing` next to a column of that name, `a=b` twice) gets `#2`, `#3`
 * ...
 */
export function uniqueOutputNames(features: readonly Feature[]): string[][] {
  const taken = new Set(features.flatMap(({ kind, column }) => (kind === 'number' ? [column] : [])));
  const unique = (name: string): string => {
    let free = name;
    for (let copy = 2; taken.has(free); copy++) free = `${name}#${copy}`;
    taken.add(free);
    return free;
  };
  return features.map((feature) =>
    outputNames(feature).map((name, at) => (feature.kind === 'number' && at === 0 ? name : unique(name))),
  );
}

/** The names of a feature's outputs in the order of the vector, before clashes are resolved. */
export function outputNames(feature: Feature): string[] {
  const missing = `${feature.column}__missing`;
  if (feature.kind === 'presence') return [missing];
  const names =
    feature.kind === 'number'
      ? [feature.column]
      : [
          ...feature.levels.map((level) => `${feature.column}=${level}`),
          ...(feature.other ? [`${feature.column}__other`] : []),
        ];
  return feature.indicator ? [...names, missing] : names;
}
