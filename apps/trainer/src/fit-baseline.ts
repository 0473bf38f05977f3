import { fitLogistic, type NoFit, type TrainingRows } from '@factory/logistic';
import { LogisticModel } from '@factory/model';
import { applyLayout, codedLayout, type Transform } from '@factory/normalisation';
import type { KeptRows } from './train-rows';

/** The logistic regression that a run's candidate is compared with (rules R7). */
export interface FittedBaseline {
  /** `logistic.json`, without the prior shift. Absent: it could not be fitted. */
  readonly file?: Uint8Array;
  readonly fit: BaselineFit;
}

/** How it was fitted, in the output of the stage. */
export interface BaselineFit {
  /** Train rows. */
  readonly rows: number;
  /** Steps of Newton's method on all of them. */
  readonly iterations: number;
  readonly seconds: number;
  readonly converged: boolean;
  /** Why there is none. */
  readonly reason?: NoFit;
}

/** Weight of a row's log-loss beside the L2 penalty: scikit-learn's default. */
const BASELINE_C = 1;

const BLOCK_BYTES = 4 * 1024 * 1024;

/**
 * Fits logistic regression to the train rows, as drawn and without weights. The same rows give the same bytes. A
 * baseline that cannot be fitted is no reason to end the run.
 *
 * @param now a clock, in milliseconds
 * @param blockBytes of transformed rows in memory
 */
export function fitBaseline(
  train: KeptRows,
  transform: Transform,
  now: () => number,
  blockBytes = BLOCK_BYTES,
): FittedBaseline {
  const started = now();
  const found = fitLogistic(trainingRowsOf(train, transform, blockBytes), { c: BASELINE_C });
  const { rows } = train;
  const { state, iterations } = found;
  const seconds = (now() - started) / 1000;
  if (state !== 'fitted') return { fit: { rows, iterations, seconds, converged: false, reason: state } };
  return {
    file: Uint8Array.from(new LogisticModel(found).encode()),
    fit: { rows, iterations, seconds, converged: true },
  };
}

/** The rows, transformed anew in each pass, a block at a time. */
function trainingRowsOf(
  { columns, labels, rows }: KeptRows,
  transform: Transform,
  blockBytes: number,
): TrainingRows {
  const layout = codedLayout(transform);
  const dense = layout.denseColumns.length;
  const groups = layout.groups.length;
  const rowBytes = dense * Float32Array.BYTES_PER_ELEMENT + groups * Uint16Array.BYTES_PER_ELEMENT;
  const most = Math.min(rows, Math.max(1, Math.floor(blockBytes / rowBytes)));
  const features = new Float32Array(most * dense);
  const codes = new Uint16Array(most * groups);
  const numbers = new Uint32Array(most);
  const ownLabels = new Uint8Array(most);
  return {
    layout,
    rows,
    goals: labels.reduce((sum, label) => sum + label, 0),
    *blocks(step) {
      for (let first = 0; first < rows; first += most * step) {
        const count = Math.min(most, Math.ceil((rows - first) / step));
        for (let at = 0; at < count; at++) {
          numbers[at] = first + at * step;
          ownLabels[at] = labels[first + at * step] ?? 0;
        }
        applyLayout(transform, layout, columns, numbers.subarray(0, count), { features, codes });
        yield { rows: count, features, codes, labels: ownLabels };
      }
    },
  };
}
