import { sigmoid, type Column } from '@factory/domain';
import { forwardLogits, type NetworkWeights } from '@factory/model';
import { applyTransform, type Transform } from '@factory/normalisation';
import { setImmediate as yieldToLoop } from 'node:timers/promises';

/** Rows scored between two looks at the event loop, so that heartbeats go on. */
const SLICE_ROWS = 4096;

export interface ScoredRows {
  /** [rows] true logits, prior shift included. */
  readonly logits: Float64Array;
  /** [rows] natural probabilities. */
  readonly probabilities: Float64Array;
}

/**
 * Scores rows slice by slice.
 *
 * @param network with the prior shift in its last bias
 * @param rows row numbers into the columns
 * @throws the signal's reason when it is aborted
 */
export async function scoreRows(
  network: NetworkWeights,
  transform: Transform,
  columns: readonly Column[],
  rows: Uint32Array,
  signal: AbortSignal,
): Promise<ScoredRows> {
  const width = transform.outputs.length;
  const into = new Float32Array(Math.min(rows.length, SLICE_ROWS) * width);
  const logits = new Float64Array(rows.length);
  for (let start = 0; start < rows.length; start += SLICE_ROWS) {
    signal.throwIfAborted();
    const slice = applyTransform(transform, columns, rows.subarray(start, start + SLICE_ROWS), into);
    logits.set(forwardLogits(network, slice.matrix, slice.rows, width), start);
    await yieldToLoop();
  }
  return { logits, probabilities: logits.map(sigmoid) };
}
