import type { NetworkSettings } from '@factory/domain';
import type { NetworkWeights } from '@factory/model';
import {
  hiddenSpecsOf,
  KernelNetwork,
  kernelParametersOf,
  networkWeightsOf,
  type KernelBuild,
  type KernelRows,
} from '@factory/training-kernel';
import { initialNetwork } from '../network-shape';
import type { CancelFlag, InputMatrix, LossSums, NetworkInTraining, TrainingData } from '../training-engine';

/** Floating-point operations of one call, between two checks of the cancel flag: a fraction of a second. */
const CALL_OPERATIONS = 5e8;

/** One network of a trial in the training kernel. */
export class KernelTrainer implements NetworkInTraining {
  private readonly network: KernelNetwork;
  private readonly rows: KernelRows;
  private readonly inputs: InputOrder;
  private readonly rowsPerCall: number;

  /** @throws BadInputError `invalid-network`; `not-a-network-state` when `state` is another network's */
  constructor(
    build: KernelBuild,
    data: TrainingData,
    settings: NetworkSettings,
    seed: number,
    state?: Uint8Array,
  ) {
    const { optimizer, batchSize } = settings;
    const start = initialNetwork(data.width, settings, seed);
    this.inputs = inputOrder(data);
    this.network = openNetwork(build, start, data, { optimizer, batchRows: batchSize, seed });
    this.rows = { features: data.features, labels: data.labels, ...codesOf(data) };
    this.rowsPerCall = wholeBatches(CALL_OPERATIONS / operationsPerRow(start), batchSize);
    if (state) this.network.restore(state);
    else this.network.setParameters(kernelParametersOf(start, this.inputs));
  }

  trainEpoch(order: Uint32Array, learningRate: number, signal: CancelFlag): LossSums {
    const total = { rows: 0, loss: 0, correct: 0 };
    for (let from = 0; from < order.length && !signal.cancelled; from += this.rowsPerCall) {
      const part = order.subarray(from, from + this.rowsPerCall);
      const sums = this.network.train(this.rows, part, learningRate);
      total.rows += sums.rows;
      total.loss += sums.loss;
      total.correct += sums.correct;
      if (!Number.isFinite(sums.loss) || !this.network.isFinite()) return { ...total, loss: NaN };
    }
    return total;
  }

  evaluate(rows: Uint32Array): LossSums {
    return this.network.evaluate(this.rows, rows);
  }

  weights(): NetworkWeights {
    return fromKernel(networkWeightsOf(this.network.spec, this.network.parameters()), this.inputs);
  }

  state(): Uint8Array {
    return this.network.state();
  }
}

/** The network that predicted last with some weights. */
interface Opened {
  readonly build: KernelBuild;
  readonly width: number;
  readonly columns: InputMatrix['oneHot'];
  readonly network: KernelNetwork;
}

/**
 * A trial is measured in many parts with the same weights: a separate network for each would take much memory.
 */
const opened = new WeakMap<NetworkWeights, Opened>();

/** Logits of the given rows, in their order. Weights must not change between calls. */
export function predictWithKernel(
  build: KernelBuild,
  weights: NetworkWeights,
  data: InputMatrix,
  rows: Uint32Array,
): Float32Array {
  let last = opened.get(weights);
  const { width, oneHot: columns } = data;
  if (last?.build !== build || last.width !== width || last.columns !== columns) {
    const network = openNetwork(build, weights, data, { optimizer: 'sgd', batchRows: 1, seed: 0 });
    network.setParameters(kernelParametersOf(weights, inputOrder(data)));
    last = { build, width, columns, network };
    opened.set(weights, last);
  }
  return last.network.predict({ features: data.features, ...codesOf(data) }, rows);
}

function openNetwork(
  build: KernelBuild,
  weights: NetworkWeights,
  data: InputMatrix,
  how: {
    readonly optimizer: NetworkSettings['optimizer'];
    readonly batchRows: number;
    readonly seed: number;
  },
): KernelNetwork {
  const { columns, denseColumns, groups = 0 } = data.oneHot ?? {};
  return new KernelNetwork(build, {
    denseInputs: denseColumns?.length ?? data.width,
    codedInputs: columns?.length ?? 0,
    codeGroups: groups,
    hidden: hiddenSpecsOf(weights),
    ...how,
  });
}

function codesOf({ oneHot }: InputMatrix): Pick<KernelRows, 'codes'> {
  return oneHot ? { codes: oneHot.codes } : {};
}

/**
 * For each input in the kernel's order (dense columns, then coded ones), the network's input; absent: the same.
 */
type InputOrder = Uint32Array | undefined;

function inputOrder({ oneHot }: InputMatrix): InputOrder {
  return oneHot && Uint32Array.from([...oneHot.denseColumns, ...oneHot.columns]);
}

function fromKernel({ layers: [first, ...others] }: NetworkWeights, order: InputOrder): NetworkWeights {
  if (!first || !order) return { layers: first ? [first, ...others] : [] };
  const { kernel, units } = first;
  const moved = new Float32Array(kernel.length);
  order.forEach((input, at) => moved.set(kernel.subarray(at * units, (at + 1) * units), input * units));
  return { layers: [{ ...first, kernel: moved }, ...others] };
}

/** For one training step: one product forward, two backward, but none for the slopes of the inputs. */
function operationsPerRow({ layers }: NetworkWeights): number {
  const products = layers.reduce((sum, layer) => sum + layer.kernel.length, 0);
  return 2 * (3 * products - (layers[0]?.kernel.length ?? 0));
}

function wholeBatches(rows: number, batchSize: number): number {
  return batchSize * Math.max(1, Math.floor(rows / batchSize));
}
