import { type Column, FactoryError, type RawRow, Xoroshiro128Plus, sigmoid } from '@factory/domain';
import { type Transform, parseVersioned, transformRow } from '@factory/normalisation';
import { z } from 'zod';
import { type Percentiles, percentileOf } from './percentiles';
import type { Predictor } from './predictor';

const SCHEMA_VERSION = 1;
const GOLDEN_ROWS = 64;
/** Maximum deviation of a loader (rules R9). */
export const LOGIT_TOLERANCE = 1e-4;
export const PROBABILITY_TOLERANCE = 1e-5;

export const goldenSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  rows: z
    .array(
      z.object({
        /** Raw values by column; null = unknown. */
        row: z.custom<RawRow>(isRawRow, 'must be an object whose values are numbers, texts or null'),
        /** [width] the row after the transform, float32. */
        vector: z.array(z.number()),
        /** Log-odds at the natural base rate. */
        logit: z.number(),
        /** Sigmoid of the logit. */
        probability: z.number(),
        /** Its percentile among the scores of the judging rows, 0 to 100. */
        percentile: z.number(),
      }),
    )
    .min(1),
});

/** Not `z.record`, which drops a column called `__proto__`. */
function isRawRow(value: unknown): value is RawRow {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(
    (one) => one === null || typeof one === 'number' || typeof one === 'string',
  );
}

/** `golden.json`: rows with the model's scores; every loader must reproduce them (rules R9). */
export type GoldenRows = z.infer<typeof goldenSchema>;

/** Raw values by column; null = unknown. */
export type GoldenRow = GoldenRows['rows'][number]['row'];

export interface GoldenInput {
  readonly transform: Transform;
  /** With the prior shift in its logits. */
  readonly model: Predictor;
  readonly percentiles: Percentiles;
  readonly columns: readonly Column[];
  readonly trainRows: Uint32Array;
  readonly seed: number;
}

/**
 * The train row from which each value of the golden rows is taken: each from a different one, so that no golden
 * row is a real person's.
 *
 * @param columns that the transform uses, in its order
 * @param trainRows number of train rows
 * @returns [golden rows][columns] index among the train rows
 */
export function drawGoldenPlaces(columns: number, trainRows: number, seed: number): Uint32Array[] {
  const random = new Xoroshiro128Plus(seed);
  const draw = () => random.below(trainRows);
  return Array.from({ length: GOLDEN_ROWS }, () => Uint32Array.from({ length: columns }, draw));
}

/** Scores raw rows for `golden.json`. */
export function goldenRowsOf(
  { transform, model, percentiles }: Pick<GoldenInput, 'transform' | 'model' | 'percentiles'>,
  rows: readonly GoldenRow[],
): GoldenRows {
  return {
    schemaVersion: SCHEMA_VERSION,
    rows: rows.map((row) => {
      const vector = transformRow(transform, row);
      const logit = model.logit(vector);
      const probability = sigmoid(logit);
      const percentile = percentileOf(percentiles, probability);
      return { row, vector: [...vector], logit, probability, percentile };
    }),
  };
}

/**
 * Draws golden rows from a dataset in memory; see `drawGoldenPlaces`. Only columns that the transform uses appear.
 */
export function buildGoldenRows(input: GoldenInput): GoldenRows {
  const { transform, columns, trainRows, seed } = input;
  const byName = new Map(columns.map((column) => [column.name, column]));
  const names = transform.features.map(({ column }) => column);
  const rows = drawGoldenPlaces(names.length, trainRows.length, seed).map((places) =>
    Object.fromEntries(
      names.map((name, at) => {
        const column = byName.get(name);
        return [name, column ? rawValue(column, trainRows[places[at] ?? 0] ?? 0) : null];
      }),
    ),
  );
  return goldenRowsOf(input, rows);
}

/** One golden row that a loader did not reproduce. */
export interface GoldenFailure {
  readonly index: number;
  readonly figure: 'logit' | 'probability';
  readonly expected: number;
  readonly actual: number;
}

/**
 * Scores the golden rows and returns the wrong ones: |d logit| > 1e-4 or |d probability| > 1e-5.
 *
 * @param score computes logit and probability of a raw row, with any engine
 * @returns the failures; empty = passed
 */
export function checkGoldenRows(
  golden: GoldenRows,
  score: (row: RawRow) => { logit: number; probability: number },
): GoldenFailure[] {
  return golden.rows.flatMap((expected, index) => {
    const actual = score(expected.row);
    return [
      { figure: 'logit' as const, tolerance: LOGIT_TOLERANCE },
      { figure: 'probability' as const, tolerance: PROBABILITY_TOLERANCE },
    ]
      .filter(({ figure, tolerance }) => !(Math.abs(actual[figure] - expected[figure]) <= tolerance))
      .map(({ figure }) => ({ index, figure, expected: expected[figure], actual: actual[figure] }));
  });
}

/** A loaded model does not reproduce the scores that it was published with. */
export class GoldenRowsError extends FactoryError {
  constructor(readonly failures: readonly GoldenFailure[]) {
    const first = failures[0];
    super(
      'golden-rows-differ',
      `${failures.length} golden figures differ, first: ${first?.figure} of row ${first?.index} is ${first?.actual}, ` +
        `published as ${first?.expected}: do not score with this loader; publish the run again`,
      false,
    );
  }
}

/** @throws BadInputError `unknown-schema-version`, `invalid-artefact` */
export function parseGoldenRows(json: unknown): GoldenRows {
  return parseVersioned('golden.json', SCHEMA_VERSION, goldenSchema, json);
}

/** A value in the form of `golden.json`; null = unknown. */
export function rawValue(column: Column, row: number): number | string | null {
  if (column.kind === 'category') return column.levels[column.codes[row] ?? -1] ?? null;
  const value = column.values[row] ?? NaN;
  return Number.isFinite(value) ? value : null;
}
