import { BadInputError } from '@factory/domain';
import { LAYOUT, PLACE, SUM, type KernelBuild, type KernelMemory, type KernelRows } from './kernel-memory';
import { encodeSpec, specFault, type NetworkSpec } from './network-spec';

/** Parameters of one dense layer, with those of the batch norm after it. */
export interface LayerParameters {
  /** [inputs, units], row-major; in the first layer coded inputs follow the dense ones. */
  readonly kernel: Float32Array;
  /** [units]. */
  readonly bias: Float32Array;
  /** [units] each; present with batch norm. */
  readonly norm?: {
    readonly gamma: Float32Array;
    readonly beta: Float32Array;
    readonly movingMean: Float32Array;
    readonly movingVariance: Float32Array;
  };
}

/** Sums over rows, so that the sums of parts of any size can be added. */
export interface RowSums {
  readonly rows: number;
  /** Sum of row weights. */
  readonly weight: number;
  /** Sum of weighted binary cross-entropies, nats, in float64; not finite once the network diverged. */
  readonly loss: number;
  /** Correctly classified rows at probability .5, unweighted. */
  readonly correct: number;
}

/** Gradients of the last batch: like the parameters, without moving statistics. */
export interface LayerGradients {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  readonly gamma?: Float32Array;
  readonly beta?: Float32Array;
}

/**
 * One network in the kernel's memory. Same build, specification, parameters and rows: same result, bit for bit.
 * Parameters are initially 0 (and batch norm unscaled): set the initial ones.
 */
export class KernelNetwork {
  private readonly memory: KernelMemory;
  private readonly encoded: Float64Array;
  private readonly layout: Float64Array;

  /**
   * @throws BadInputError `invalid-network` naming the first field out of range
   */
  constructor(
    readonly build: KernelBuild,
    readonly spec: NetworkSpec,
  ) {
    this.encoded = encodeSpec(spec);
    const fault = build.specFault(this.encoded);
    if (fault >= 0) throw specFault(fault, spec);
    this.memory = build.allocate(this.encoded);
    this.layout = this.memory.layout();
  }

  /** Bytes of the network's memory, scratch space included. */
  get bytes(): number {
    return this.memory.bytes.byteLength;
  }

  /**
   * One update for each batch of `order`, the last one may be shorter.
   *
   * @param order numbers of the rows, in the order in which they are visited
   * @throws BadInputError `invalid-rows`
   */
  train(rows: KernelRows, order: Uint32Array, learningRate: number): RowSums {
    this.check(rows, order);
    return sumsOf((sums) => this.memory.train(rows, order, learningRate, sums));
  }

  /** Loss without dropout, with batch norm's moving statistics. @throws BadInputError `invalid-rows` */
  evaluate(rows: KernelRows, order: Uint32Array): RowSums {
    this.check(rows, order);
    return sumsOf((sums) => this.memory.evaluate(rows, order, sums));
  }

  /** Logits of rows, in the order given. @throws BadInputError `invalid-rows` */
  predict(rows: Omit<KernelRows, 'labels'>, order: Uint32Array): Float32Array {
    this.check(rows, order);
    const logits = new Float32Array(order.length);
    this.memory.predict(rows, order, logits);
    return logits;
  }

  /**
   * Gradients of the mean loss (and the l2 penalties) over rows taken as one batch; only batch norm's moving
   * statistics and the dropout stream are updated.
   *
   * @throws BadInputError `invalid-rows`
   */
  gradients(rows: KernelRows, order: Uint32Array): { sums: RowSums; layers: LayerGradients[] } {
    this.check(rows, order);
    if (order.length > this.spec.batchRows)
      throw invalidRows('order.length', order.length, `give at most batchRows (${this.spec.batchRows}) rows`);
    const sums = sumsOf((into) => this.memory.gradients(rows, order, into));
    const shift = this.field(LAYOUT.gradients) - this.field(LAYOUT.parameters);
    return { sums, layers: this.shapes().map((shape) => this.gradientsAt(shape, shift)) };
  }

  /** A copy of the parameters, hidden layers in order, then the output. */
  parameters(): LayerParameters[] {
    return this.shapes().map((shape) => {
      const { gamma, beta } = this.gradientsAt(shape, 0);
      const plain = { kernel: this.matrix(shape, 0), bias: this.vector(shape.bias, shape.units) };
      if (!gamma || !beta) return plain;
      const movingMean = this.vector(shape.movingMean, shape.units);
      const movingVariance = this.vector(shape.movingMean + shape.stride, shape.units);
      return { ...plain, norm: { gamma, beta, movingMean, movingVariance } };
    });
  }

  /** @throws BadInputError `invalid-parameters` if a shape does not match the network */
  setParameters(layers: readonly LayerParameters[]): void {
    const shapes = this.shapes();
    checkLength('layers', layers.length, shapes.length);
    const { floats } = this.memory;
    shapes.forEach((shape, index) => {
      const layer = layers[index];
      if (!layer) return;
      checkLength(`layers.${index}.kernel`, layer.kernel.length, shape.inputs * shape.units);
      checkLength(`layers.${index}.bias`, layer.bias.length, shape.units);
      for (let input = 0; input < shape.inputs; input++) {
        const row = layer.kernel.subarray(input * shape.units, (input + 1) * shape.units);
        floats.set(row, shape.kernel + input * shape.stride);
      }
      floats.set(layer.bias, shape.bias);
      if (!layer.norm || shape.gamma === 0) return;
      floats.set(layer.norm.gamma, shape.gamma);
      floats.set(layer.norm.beta, shape.gamma + shape.stride);
      floats.set(layer.norm.movingMean, shape.movingMean);
      floats.set(layer.norm.movingVariance, shape.movingMean + shape.stride);
    });
  }

  /** Everything that later steps depend on: parameters, optimizer, dropout stream. For the same build only. */
  state(): Uint8Array {
    return this.memory.bytes.slice(0, this.field(LAYOUT.stateBytes));
  }

  /** @throws BadInputError `not-a-network-state` if the state belongs to another specification */
  restore(state: Uint8Array): void {
    const spec = new Uint8Array(this.encoded.buffer);
    const fits =
      state.length === this.field(LAYOUT.stateBytes) && spec.every((byte, index) => state[index] === byte);
    if (!fits)
      throw new BadInputError('not-a-network-state', {
        field: 'state',
        value: `${state.length} bytes`,
        todo: 'give the state of a network with the same specification, trained by the same build',
      });
    this.memory.bytes.set(state);
  }

  /** False if a parameter is NaN or infinite; checked by its bits. */
  isFinite(): boolean {
    return this.memory.isFinite();
  }

  private shapes(): LayerShape[] {
    const { denseInputs, codedInputs = 0, hidden } = this.spec;
    const units = [...hidden.map((layer) => layer.units), 1];
    return units.map((count, index) => {
      const at = LAYOUT.places + index * PLACE.fields;
      const stride = this.field(at + PLACE.stride);
      return {
        inputs: index === 0 ? denseInputs + codedInputs : (units[index - 1] ?? 0),
        units: count,
        kernel: this.field(at + PLACE.kernel),
        stride,
        bias: this.field(at + PLACE.bias),
        gamma: this.field(at + PLACE.gamma),
        movingMean: this.field(at + PLACE.movingMean),
      };
    });
  }

  private gradientsAt(shape: LayerShape, shift: number): LayerGradients {
    const plain = { kernel: this.matrix(shape, shift), bias: this.vector(shape.bias + shift, shape.units) };
    if (shape.gamma === 0) return plain;
    return {
      ...plain,
      gamma: this.vector(shape.gamma + shift, shape.units),
      beta: this.vector(shape.gamma + shape.stride + shift, shape.units),
    };
  }

  private matrix({ kernel, inputs, units, stride }: LayerShape, shift: number): Float32Array {
    const packed = new Float32Array(inputs * units);
    for (let input = 0; input < inputs; input++)
      packed.set(this.vector(kernel + shift + input * stride, units), input * units);
    return packed;
  }

  private vector(at: number, length: number): Float32Array {
    return this.memory.floats.slice(at, at + length);
  }

  private field(index: number): number {
    return this.layout[index] ?? 0;
  }

  /** The kernel trusts its arguments: a row number out of range would read memory outside the arrays. */
  private check(rows: Omit<KernelRows, 'labels'> & { labels?: Uint8Array }, order: Uint32Array): void {
    const { denseInputs, codeGroups = 0, codedInputs = 0 } = this.spec;
    const count =
      denseInputs > 0 ? rows.features.length / denseInputs : (rows.codes?.length ?? 0) / codeGroups;
    if (!Number.isInteger(count))
      throw invalidRows('features.length', rows.features.length, `give rows of ${denseInputs} values`);
    expectLength('codes', rows.codes?.length ?? 0, count * codeGroups);
    if (rows.labels) expectLength('labels', rows.labels.length, count);
    if (rows.weights) expectLength('weights', rows.weights.length, count);
    let last = -1;
    for (const row of order) if (row > last) last = row;
    if (last >= count) throw invalidRows('order', last, `give row numbers below ${count}`);
    if (codeGroups > 0) checkCodes(rows.codes ?? new Uint16Array(0), order, codeGroups, codedInputs);
  }
}

interface LayerShape {
  readonly inputs: number;
  readonly units: number;
  /** Float indices into the memory. */
  readonly kernel: number;
  readonly bias: number;
  /** 0 without batch norm; beta follows `stride` floats later. */
  readonly gamma: number;
  readonly movingMean: number;
  /** Floats between rows of the kernel. */
  readonly stride: number;
}

const NO_COLUMN = 0xffff;

function checkCodes(codes: Uint16Array, order: Uint32Array, groups: number, columns: number): void {
  for (const row of order)
    for (let at = row * groups; at < (row + 1) * groups; at++) {
      const code = codes[at] ?? NO_COLUMN;
      if (code >= columns && code !== NO_COLUMN)
        throw invalidRows(`codes.${at}`, code, `give a column below ${columns}, or ${NO_COLUMN} for none`);
    }
}

function sumsOf(call: (sums: Float64Array) => void): RowSums {
  const sums = new Float64Array(SUM.count);
  call(sums);
  const [rows = 0, weight = 0, loss = 0, correct = 0] = sums;
  return { rows, weight, loss, correct };
}

function expectLength(field: string, found: number, wanted: number): void {
  if (found !== wanted) throw invalidRows(`${field}.length`, found, `give ${wanted} values`);
}

function invalidRows(field: string, value: number, todo: string): BadInputError {
  return new BadInputError('invalid-rows', { field, value, todo });
}

function checkLength(field: string, found: number, wanted: number): void {
  if (found === wanted) return;
  throw new BadInputError('invalid-parameters', {
    field: `${field}.length`,
    value: found,
    todo: `give ${wanted}, as the network's specification says`,
  });
}
