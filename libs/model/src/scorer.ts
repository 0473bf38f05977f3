import { type Column, type RawRow, sigmoid } from '@factory/domain';
import { applyTransform, transformRow, type OnFinding } from '@factory/normalisation';
import { type ReadBundleFile, type DecodedBundle, type ScoringParts, decodeBundle } from './bundle';
import { GoldenRowsError, checkGoldenRows } from './golden-rows';
import { percentileOf } from './percentiles';

export interface Score {
  /** Fraction of such visits that reach the goal, at the natural base rate. */
  readonly probability: number;
  /** 0 to 100, 100 = best. */
  readonly percentile: number;
  readonly logit: number;
  /** Columns whose value training never saw. */
  readonly unseen: readonly string[];
}

export interface ColumnScores {
  /** All [rows], in the order of the requested rows. */
  readonly probabilities: Float64Array;
  readonly percentiles: Float64Array;
  readonly logits: Float64Array;
  /** Number of values that training never saw, by column. */
  readonly unseen: Readonly<Record<string, number>>;
}

/** Rows that are transformed at a time, which limits the memory for any number of rows. */
const BATCH_ROWS = 8192;

/** Raw rows in, probability and percentile out: the only way to score in TypeScript. */
export class Scorer {
  constructor(private readonly parts: ScoringParts) {}

  /**
   * Scores one visit: bit for bit the same as `scoreColumns` for the same values.
   *
   * @param onFinding called for values that are unknown, unseen or out of range, as in `FitCounts`
   */
  score(row: RawRow, onFinding?: OnFinding): Score {
    const { transform, model, percentiles } = this.parts;
    const unseen: string[] = [];
    const vector = transformRow(transform, row, (column, finding) => {
      if (finding === 'unseen') unseen.push(column);
      onFinding?.(column, finding);
    });
    const logit = model.logit(vector);
    const probability = sigmoid(logit);
    return { probability, percentile: percentileOf(percentiles, probability), logit, unseen };
  }

  /**
   * Scores rows of a dataset.
   *
   * @param rows row numbers into the columns
   */
  scoreColumns(columns: readonly Column[], rows: Uint32Array): ColumnScores {
    const { transform, model, percentiles } = this.parts;
    const logits = new Float64Array(rows.length);
    const unseen = new Map<string, number>();
    const width = transform.outputs.length;
    const into = new Float32Array(Math.min(rows.length, BATCH_ROWS) * width);
    for (let start = 0; start < rows.length; start += BATCH_ROWS) {
      const batch = applyTransform(transform, columns, rows.subarray(start, start + BATCH_ROWS), into);
      logits.set(model.logits(batch.matrix, batch.rows, width), start);
      for (const [column, count] of Object.entries(batch.unseen)) {
        unseen.set(column, (unseen.get(column) ?? 0) + count);
      }
    }
    const probabilities = logits.map(sigmoid);
    return {
      logits,
      probabilities,
      percentiles: probabilities.map((probability) => percentileOf(percentiles, probability)),
      unseen: Object.fromEntries(unseen),
    };
  }
}

/**
 * Reads a bundle, checks that the golden rows have their published scores, and returns a scorer.
 *
 * @throws IntegrityError, BadInputError as `decodeBundle`; GoldenRowsError
 */
export async function loadScorer(
  read: ReadBundleFile,
  manifestSha256?: string,
): Promise<{ scorer: Scorer; bundle: DecodedBundle }> {
  const bundle = await decodeBundle(read, manifestSha256);
  const scorer = new Scorer(bundle);
  const failures = checkGoldenRows(bundle.golden, (row) => scorer.score(row));
  if (failures.length > 0) throw new GoldenRowsError(failures);
  return { scorer, bundle };
}
