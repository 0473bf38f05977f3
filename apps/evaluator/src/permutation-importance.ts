import { sigmoid, Xoroshiro128Plus, type Column } from '@factory/domain';
import { logLoss } from '@factory/metrics';
import type { ColumnImportance } from '@factory/model';
import type { KernelBuild } from '@factory/training-kernel';
import { BatchScorer, type ScoredModel } from './batch-scorer';
import { takeRows } from './row-sample';

/** Judging rows with their raw features. One entry per row in each array. */
export interface ImportanceRows {
  readonly columns: readonly Column[];
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
}

const MOST_ROWS = 2_000;
const LEAST_ROWS = 200;
/** Values that are transformed for one model at most: every column means scoring all rows, with all columns, once more. */
const MOST_VALUES = 100_000_000;
const SEED = 23;

/** Rows that are worth their time for a model of so many raw columns. */
export function rowsForImportance(columns: number): number {
  return Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(MOST_VALUES / Math.max(1, columns) ** 2)));
}

/**
 * By how much the natural log-loss rises when the values of one raw column are exchanged between the rows: what the model
 * gets from the column that it does not get from others. About 0, also below it, for columns that it does not use.
 * Source: Breiman 2001, "Random Forests", section 10; Fisher, Rudin and Dominici 2019, "All Models are Wrong, but Many
 * are Useful".
 *
 * @returns the columns that the model reads, most important first; increase in nats
 */
export function permutationImportance(
  model: ScoredModel,
  { columns, labels, weights }: ImportanceRows,
  kernel: KernelBuild,
): ColumnImportance[] {
  const scorer = new BatchScorer(model, kernel);
  const every = Uint32Array.from(labels, (_, row) => row);
  const lossOf = (shown: readonly Column[]) => {
    scorer.begin(every);
    scorer.add(shown);
    return logLoss(Float64Array.from(scorer.end(), sigmoid), labels, weights);
  };
  const before = lossOf(columns);
  const isRead = new Set(model.transform.features.map(({ column }) => column));
  const random = new Xoroshiro128Plus(SEED);
  const found = columns.flatMap((column, at) => {
    if (!isRead.has(column.name)) return [];
    const exchanged = takeRows(column, shuffled(every, random));
    return [{ column: column.name, increase: lossOf(columns.with(at, exchanged)) - before }];
  });
  return found.sort((a, b) => b.increase - a.increase);
}

/** Source: Durstenfeld 1964, "Algorithm 235: Random permutation". */
function shuffled(rows: Uint32Array, random: Xoroshiro128Plus): Uint32Array {
  const out = rows.slice();
  for (let last = out.length - 1; last > 0; last--) {
    const other = Math.floor(((random.int32() >>> 0) / 2 ** 32) * (last + 1));
    [out[last], out[other]] = [out[other] ?? 0, out[last] ?? 0];
  }
  return out;
}
