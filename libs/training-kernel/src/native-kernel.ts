import { createRequire } from 'node:module';
import { LAYOUT_FIELDS, type KernelBuild, type KernelMemory, type KernelRows } from './kernel-memory';

const requireHere = createRequire(__filename);

/** Functions of `node_binding.c`. */
export interface NativeBinding {
  specFault(spec: Float64Array): number;
  networkBytes(spec: Float64Array): number;
  misalignment(bytes: Uint8Array): number;
  init(network: Uint8Array, spec: Float64Array): void;
  layout(network: Uint8Array, fields: Float64Array): void;
  train(network: Uint8Array, ...rest: [...RowArguments, learningRate: number, sums: Float64Array]): void;
  gradients(network: Uint8Array, ...rest: [...RowArguments, sums: Float64Array]): void;
  evaluate(network: Uint8Array, ...rest: [...RowArguments, sums: Float64Array]): void;
  predict(network: Uint8Array, ...rest: [...RowArguments, logits: Float32Array]): void;
  isFinite(network: Uint8Array): number;
  cpuLevel(): number;
}

type RowArguments = [
  features: Float32Array,
  codes: Uint16Array | null,
  labels: Uint8Array | null,
  weights: Float32Array | null,
  order: Uint32Array,
  count: number,
  weightOf0: number,
  weightOf1: number,
];

/** @throws Error if the file is not a native module, or is for another platform */
export function loadBinding(file: string): NativeBinding {
  return requireHere(file) as NativeBinding;
}

/** The kernel as machine code; it reads rows in place, also on shared memory. */
export function nativeBuild(name: string, binding: NativeBinding): KernelBuild {
  return {
    name,
    specFault: (spec) => binding.specFault(spec),
    allocate: (spec) => new NativeMemory(binding, spec),
  };
}

/** Memory alignment required by the kernel, bytes. */
const ALIGNMENT = 64;

class NativeMemory implements KernelMemory {
  readonly bytes: Uint8Array;
  readonly floats: Float32Array;

  constructor(
    private readonly binding: NativeBinding,
    spec: Float64Array,
  ) {
    const size = binding.networkBytes(spec);
    const memory = new ArrayBuffer(size + ALIGNMENT);
    const start = binding.misalignment(new Uint8Array(memory));
    this.bytes = new Uint8Array(memory, start, size);
    this.floats = new Float32Array(memory, start, size / Float32Array.BYTES_PER_ELEMENT);
    binding.init(this.bytes, spec);
  }

  layout(): Float64Array {
    const fields = new Float64Array(LAYOUT_FIELDS);
    this.binding.layout(this.bytes, fields);
    return fields;
  }

  train(rows: KernelRows, order: Uint32Array, learningRate: number, sums: Float64Array): void {
    this.binding.train(this.bytes, ...rowArguments(rows, order), learningRate, sums);
  }

  gradients(rows: KernelRows, order: Uint32Array, sums: Float64Array): void {
    this.binding.gradients(this.bytes, ...rowArguments(rows, order), sums);
  }

  evaluate(rows: KernelRows, order: Uint32Array, sums: Float64Array): void {
    this.binding.evaluate(this.bytes, ...rowArguments(rows, order), sums);
  }

  predict(rows: Omit<KernelRows, 'labels'>, order: Uint32Array, logits: Float32Array): void {
    this.binding.predict(this.bytes, ...rowArguments(rows, order), logits);
  }

  isFinite(): boolean {
    return this.binding.isFinite(this.bytes) === 1;
  }
}

function rowArguments(
  rows: Omit<KernelRows, 'labels'> & { labels?: Uint8Array },
  order: Uint32Array,
): RowArguments {
  const { features, codes = null, labels = null, weights = null, classWeights = [1, 1] } = rows;
  return [features, codes, labels, weights, order, order.length, ...classWeights];
}
