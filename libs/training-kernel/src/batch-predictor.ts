import { codeOf } from '@factory/domain';
import { LogisticModel, NetworkModel, type Predictor } from '@factory/model';
import { codedLayout, denseLayout, type MatrixLayout, type Transform } from '@factory/normalisation';
import type { KernelBuild } from './kernel-memory';
import { LogisticPredictor } from './logistic-predictor';
import { NetworkPredictor } from './network-predictor';

/** Predicts many rows at a time, with the fastest implementation for the model. */
export interface BatchPredictor {
  /** Required layout of rows. */
  readonly layout: MatrixLayout;
  /**
   * @param features [rows, dense columns of the layout], row-major
   * @param codes [rows, groups of the layout]
   * @returns [rows] logits, valid until the next call
   */
  predict(features: Float32Array, codes: Uint16Array, rows: number): ArrayLike<number>;
}

/** Error codes of networks that the kernel does not support. */
const FOREIGN = new Set(['invalid-network', 'unknown-activation']);

/** Networks run in the kernel; networks that it does not support, and other families, in TypeScript. */
export function batchPredictorOf(
  model: Predictor,
  transform: Transform,
  kernel: KernelBuild,
): BatchPredictor {
  if (model instanceof LogisticModel) return new LogisticPredictor(model, transform);
  return (model instanceof NetworkModel && inKernel(model, transform, kernel)) || plain(model, transform);
}

function inKernel(
  { network }: NetworkModel,
  transform: Transform,
  kernel: KernelBuild,
): BatchPredictor | undefined {
  const layout = codedLayout(transform);
  const { denseColumns, codedColumns, groups } = layout;
  try {
    const inputs = { denseColumns, codedColumns, groups: groups.length };
    const predictor = new NetworkPredictor(kernel, network, inputs);
    return {
      layout,
      predict: (features, codes, rows) => predictor.predict({ features, codes }, everyRow(rows)),
    };
  } catch (thrown) {
    if (FOREIGN.has(codeOf(thrown))) return undefined;
    throw thrown;
  }
}

function plain(model: Predictor, transform: Transform): BatchPredictor {
  const layout = denseLayout(transform);
  return { layout, predict: (features, _codes, rows) => model.logits(features, rows, layout.width) };
}

function everyRow(rows: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row);
}
