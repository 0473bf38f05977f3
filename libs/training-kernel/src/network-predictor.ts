import type { NetworkWeights } from '@factory/model';
import type { KernelBuild, KernelRows } from './kernel-memory';
import { KernelNetwork } from './kernel-network';
import { hiddenSpecsOf, kernelParametersOf } from './network-weights';

/** Layout of a network's input rows: some inputs as columns, some as codes (`MatrixLayout` of normalisation). */
export interface InputLayout {
  /** [dense]; the network input of each column of the dense matrix. */
  readonly denseColumns: Uint32Array;
  /** [coded]; the network input of each code. */
  readonly codedColumns: Uint32Array;
  /** Codes in a row. */
  readonly groups: number;
}

/** Rows per forward pass. */
const BATCH_ROWS = 64;

/** A network that only predicts, in the kernel: float32, about ten times as fast as the plain forward pass. */
export class NetworkPredictor {
  private readonly network: KernelNetwork;

  /** @throws BadInputError `invalid-network`, `unknown-activation` for a network that the kernel does not support */
  constructor(build: KernelBuild, weights: NetworkWeights, layout: InputLayout) {
    const { denseColumns, codedColumns, groups } = layout;
    this.network = new KernelNetwork(build, {
      denseInputs: denseColumns.length,
      codedInputs: codedColumns.length,
      codeGroups: groups,
      hidden: hiddenSpecsOf(weights),
      optimizer: 'sgd',
      batchRows: BATCH_ROWS,
      seed: 0,
    });
    const order = Uint32Array.from([...denseColumns, ...codedColumns]);
    this.network.setParameters(kernelParametersOf(weights, order));
  }

  /** Logits of rows, in the order given. @throws BadInputError `invalid-rows` */
  predict(rows: Pick<KernelRows, 'features' | 'codes'>, order: Uint32Array): Float32Array {
    return this.network.predict(rows, order);
  }
}
