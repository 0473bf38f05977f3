import type { ScoredFamily } from '@factory/domain';

/** A line that the logits of a model are put on. */
export type LogitLine = Readonly<{
  /** Above 0. */
  slope: number;
  bias: number;
}>;

/** A trained model of any family: transformed rows in, logits out. Its internals belong to its family. */
export interface Predictor {
  readonly family: ScoredFamily;
  /** Number of columns of a transformed row. */
  readonly inputs: number;
  /** Number of trainable parameters. */
  readonly parameters: number;
  /**
   * @param matrix [rows, width], row-major
   * @returns [rows] logits; NaN in the input or the model gives NaN
   * @throws BadInputError `width-mismatch` unless `width` is `inputs`
   */
  logits(matrix: Float32Array, rows: number, width: number): Float64Array;
  /** The logit of one row [inputs]: the same bits as among others. */
  logit(row: Float32Array): number;
  /**
   * The same model with `shift` added to every logit: its scores become natural-prior probabilities (rules R6).
   *
   * @param shift `priorShift(f1, f0)` of @factory/domain
   */
  shifted(shift: number): Predictor;
  /** The same model with every logit on another line: `slope x logit + bias` (rules R6, repair). */
  rescaled(line: LogitLine): Predictor;
  /** As one file: stored with a trial, and sent to other threads. `decodeModel` reads it. */
  encode(): Buffer;
  /** As the files of a bundle, by name; `decodeModelFiles` reads them. @param name of the model, for its loaders */
  toFiles(name: string): ReadonlyMap<ModelFile, Buffer>;
}

/** Files of a bundle with the model itself, by family. */
export const MODEL_FILES = {
  network: ['model.json', 'weights.bin'],
  logistic: ['logistic.json'],
} as const satisfies Readonly<Record<ScoredFamily, readonly string[]>>;
export type ModelFile = (typeof MODEL_FILES)[ScoredFamily][number];
