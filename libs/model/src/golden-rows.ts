import { type Column, FactoryError, type RawRow, sigmoid } from '@factory/domain';
import { type Transform, parseVersioned, transformRow } from '@factory/normalisation';
import prand from 'pure-rand';
import { z } from 'zod';
import { logitOf } from './forward-pass';
import type { NetworkWeights } from './network-weights';
import { type Percentiles, percentileOf } from './percentiles';

const SCHEMA_VERSION = 1;
const GOLDEN_ROWS = 64;
/** How far a loader may be off (RULES R9). */
export const LOGIT_TOLERANCE = 1e-4;
export const PROBABILITY_TOLERANCE = 1e-5;

const goldenSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  rows: z
    .array(
      z.object({
        /** Raw values by column; null = unknown. */
        row: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
        /** [width] the row after the transform, float32. */
        vector: z.array(z.number()),
        logit: z.number(),
        probability: z.number(),
        percentile: z.number(),
      }),
    )
    .min(1),
});

/** `golden.json`: rows with what the model makes of them; every loader must reproduce them (RULES R9). */
export type GoldenRows = z.infer<typeof goldenSchema>;

export interface GoldenInput {
  readonly transform: Transform;
  /** With the prior shift in its last bias. */
  readonly network: NetworkWeights;
  readonly percentiles: Percentiles;
  readonly columns: readonly Column[];
  readonly trainRows: Uint32Array;
  readonly seed: number;
}

/**
 * Draws golden rows: each value from a train row of its own, so that no row is a real person's. Only columns that
 * the transform uses appear.
 */
export function buildGoldenRows(input: GoldenInput): GoldenRows {
  const { transform, network, percentiles, columns, trainRows, seed } = input;
  const random = prand.xoroshiro128plus(seed);
  const byName = new Map(columns.map((column) => [column.name, column]));
  const drawValue = (column: Column | undefined) => {
    const at = (((random.unsafeNext() >>> 0) / 2 ** 32) * trainRows.length) >>> 0;
    return column ? rawValue(column, trainRows[at] ?? 0) : null;
  };
  const rows = Array.from({ length: GOLDEN_ROWS }, () => {
    const row = Object.fromEntries(
      transform.features.map(({ column }) => [column, drawValue(byName.get(column))]),
    );
    const vector = transformRow(transform, row);
    const logit = logitOf(network, vector);
    const probability = sigmoid(logit);
    return {
      row,
      vector: [...vector],
      logit,
      probability,
      percentile: percentileOf(percentiles, probability),
    };
  });
  return { schemaVersion: SCHEMA_VERSION, rows };
}

/** One golden row that a loader did not reproduce. */
export interface GoldenFailure {
  readonly index: number;
  readonly figure: 'logit' | 'probability';
  readonly expected: number;
  readonly actual: number;
}

/**
 * Scores the golden rows and says which came out wrong: |d logit| > 1e-4 or |d probability| > 1e-5.
 *
 * @param score any engine's way from a raw row to logit and probability
 * @returns what failed; empty = passed
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

/** A model that was read back does not give the scores it was published with. */
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

function rawValue(column: Column, row: number): number | string | null {
  if (column.kind === 'category') return column.levels[column.codes[row] ?? -1] ?? null;
  const value = column.values[row] ?? NaN;
  return Number.isFinite(value) ? value : null;
}
