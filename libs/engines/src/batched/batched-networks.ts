import { BadInputError, type NetworkSettings } from '@factory/domain';
import type { NetworkWeights } from '@factory/model';
import * as tf from '@tensorflow/tfjs';
import { initialNetwork } from '../network-shape';
import { packArrays, unpackArrays } from '../pack-arrays';
import type { CancelFlag, LossSums } from '../training-engine';
import { BatchedDropout } from './batched-dropout';
import { BatchedOptimizer } from './batched-optimizer';
import { backward, forward, layersOf, lossAndErrors, rowsAtATime } from './batched-passes';
import type { DeviceData } from './device-data';
import { deviceVariable, keepRows, rowOf, type DeviceMatrix } from './device-matrix';
import { PaddedLayout, arraysOf, withArrays } from './padded-layout';

/** A network of a group and its state. */
export interface GroupNetwork {
  readonly settings: NetworkSettings;
  /** Of its initial weights. */
  readonly seed: number;
  /** The result of `BatchedNetworks.state`; absent: untrained. */
  readonly state?: Uint8Array;
  /** Best weights so far; absent: the initial ones. */
  readonly best?: NetworkWeights;
}

/**
 * Networks that are trained as one program: their weights are in one matrix [networks, parameters], every
 * operation works on all networks, and they share batches and the random numbers of dropout, so that a step
 * takes the same few dozen operations for any number of networks. Networks do not influence each other: one
 * that diverges affects only itself. Arguments and results per network are in the networks' order.
 */
export class BatchedNetworks {
  private networks: readonly { readonly settings: NetworkSettings; readonly shape: NetworkWeights }[];
  private readonly layout: PaddedLayout;
  private parameters: DeviceMatrix;
  private best: DeviceMatrix;
  private optimizer: BatchedOptimizer;
  private dropout: BatchedDropout;

  /**
   * @param data remains the caller's
   * @param networks at least one; all with the same batch size and number of completed steps
   * @param dropoutSeed unsigned 32-bit number
   * @throws BadInputError `not-a-network-state`
   */
  constructor(
    private readonly data: DeviceData,
    networks: readonly GroupNetwork[],
    private readonly dropoutSeed: number,
  ) {
    const width = data.features.shape[1];
    const starts = networks.map((network) => startOf(network, width));
    this.networks = starts;
    this.layout = new PaddedLayout(starts.map(({ shape }) => shape));
    const matrix = (arraysOfOne: (start: NetworkStart) => readonly Float32Array[]) => {
      const values = new Float32Array(starts.length * this.layout.parameters);
      starts.forEach((start, k) =>
        values.set(this.layout.pack(arraysOfOne(start), start.shape), k * this.layout.parameters),
      );
      return deviceVariable(tf.tensor2d(values, [starts.length, this.layout.parameters]));
    };
    this.parameters = matrix(({ parameters }) => parameters);
    this.best = matrix(({ best }) => best);
    this.optimizer = new BatchedOptimizer(
      starts.map(({ settings }) => settings.optimizer),
      starts.map(({ steps }) => steps),
      matrix(({ means }) => means),
      matrix(({ squares }) => squares),
    );
    this.dropout = this.ownDropout();
  }

  /** One pass over `order` in batches; returns early once `cancelled` is set. */
  trainEpoch(order: Uint32Array, rates: readonly number[], signal: CancelFlag): LossSums[] {
    const batchSize = this.networks[0]?.settings.batchSize ?? order.length;
    let rows = 0;
    const sums = this.sumOverBatches(
      order,
      batchSize,
      (features, labels) => {
        rows += labels.shape[0];
        return this.trainBatch(features, labels, rates);
      },
      signal,
    );
    return this.readSums(sums, rows);
  }

  /** Loss without dropout; returns early once `cancelled` is set. */
  evaluate(rows: Uint32Array, signal?: CancelFlag): LossSums[] {
    const sums = this.sumOverBatches(
      rows,
      rowsAtATime(this.layout, this.networks.length),
      (features, labels) =>
        lossAndErrors(forward(layersOf(this.parameters, this.layout), features).logits, labels),
      signal,
    );
    return this.readSums(sums, rows.length);
  }

  /** For each network: false if any weight is NaN or infinite. */
  areFinite(): boolean[] {
    // 0 x NaN and 0 x infinity are NaN, and a sum with NaN is NaN.
    const zeros = tf.tidy(() => tf.sum(tf.mul(this.parameters, 0), 1).dataSync());
    return Array.from(zeros, (zero) => zero === 0);
  }

  /** Copies the current weights of the networks for which `isBest` is true. */
  keepBest(isBest: readonly boolean[]): void {
    tf.tidy(() => {
      const chosen = tf.tensor2d(isBest.map(Number), [isBest.length, 1], 'bool');
      this.best.assign(tf.where(chosen, this.parameters, this.best));
    });
  }

  /** A copy of one network's weights: the current ones, or those kept last. */
  weights(network: number, which: 'present' | 'best' = 'present'): NetworkWeights {
    const { shape } = this.at(network);
    const row = rowOf(which === 'best' ? this.best : this.parameters, network);
    return withArrays(shape, this.layout.unpack(row, shape));
  }

  /** Everything that a later epoch of one network depends on, for `GroupNetwork.state`. */
  state(network: number): Uint8Array {
    const { shape } = this.at(network);
    const rows = [rowOf(this.parameters, network), ...this.optimizer.stateOf(network)];
    return packArrays([
      Float64Array.of(this.optimizer.steps[network] ?? 0),
      ...rows.flatMap((row) => this.layout.unpack(row, shape)),
    ]);
  }

  /** Removes all other networks from the program permanently. @param networks at least one, ascending */
  keepOnly(networks: readonly number[]): void {
    if (networks.length === this.networks.length) return;
    const gather = (matrix: DeviceMatrix) => keepRows(matrix, networks);
    this.networks = networks.map((network) => this.at(network));
    this.parameters = gather(this.parameters);
    this.best = gather(this.best);
    this.optimizer = this.optimizer.keepOnly(networks);
    this.dropout.dispose();
    this.dropout = this.ownDropout();
  }

  /** Frees the memory on the device. */
  dispose(): void {
    tf.dispose([this.parameters, this.best]);
    this.optimizer.dispose();
    this.dropout.dispose();
  }

  private trainBatch(features: tf.Tensor2D, labels: tf.Tensor2D, rates: readonly number[]): tf.Tensor2D {
    const layers = layersOf(this.parameters, this.layout);
    const step = this.optimizer.steps[0] ?? 0;
    const pass = forward(layers, features, (output, layer) => this.dropout.apply(output, layer, step));
    const gradients = backward(layers, pass, labels, this.dropout.scales);
    this.optimizer.apply(this.parameters, gradients, rates);
    return lossAndErrors(pass.logits, labels);
  }

  /**
   * @param work result per batch: [networks, 2]
   * @returns [networks, 2]; to be disposed of by the caller
   */
  private sumOverBatches(
    rows: Uint32Array,
    batchSize: number,
    work: (features: tf.Tensor2D, labels: tf.Tensor2D) => tf.Tensor2D,
    signal: CancelFlag = { cancelled: false },
  ): tf.Tensor2D {
    const numbers = tf.tensor1d(Int32Array.from(rows), 'int32');
    let sums: tf.Tensor2D = tf.zeros([this.networks.length, 2]);
    for (let from = 0; from < rows.length && !signal.cancelled; from += batchSize) {
      const before = sums;
      sums = tf.tidy(() => {
        const batch = tf.slice(numbers, from, Math.min(batchSize, rows.length - from));
        const { features, labels } = this.data;
        return before.add(work(tf.gather(features, batch), tf.gather(labels, batch)));
      });
      before.dispose();
    }
    numbers.dispose();
    return sums;
  }

  private readSums(sums: tf.Tensor2D, rows: number): LossSums[] {
    const values = sums.dataSync<'float32'>();
    sums.dispose();
    return this.networks.map((_network, k) => ({
      rows,
      loss: values[2 * k] ?? NaN,
      correct: rows - (values[2 * k + 1] ?? NaN),
    }));
  }

  private ownDropout(): BatchedDropout {
    return new BatchedDropout(
      this.networks.map(({ shape }) => shape),
      this.dropoutSeed,
    );
  }

  private at(network: number) {
    const found = this.networks[network];
    if (found) return found;
    throw new BadInputError('no-such-network', {
      field: 'network',
      value: network,
      todo: `use 0 to ${this.networks.length - 1}: the networks left in the program`,
    });
  }
}

interface NetworkStart {
  readonly settings: NetworkSettings;
  readonly shape: NetworkWeights;
  readonly steps: number;
  readonly parameters: readonly Float32Array[];
  readonly best: readonly Float32Array[];
  readonly means: readonly Float32Array[];
  readonly squares: readonly Float32Array[];
}

function startOf({ settings, seed, state, best }: GroupNetwork, width: number): NetworkStart {
  const shape = initialNetwork(width, settings, seed);
  const zeros = () => arraysOf(shape).map((values) => new Float32Array(values.length));
  const steps = new Float64Array(1);
  const start = { parameters: arraysOf(shape), means: zeros(), squares: zeros() };
  if (state) unpackArrays(state, [steps, ...start.parameters, ...start.means, ...start.squares]);
  return {
    settings,
    shape,
    steps: steps[0] ?? 0,
    best: best ? arraysOf(best) : start.parameters,
    ...start,
  };
}
