/** Input rows of the kernel; shapes as in `training_kernel.h`. Arrays may use SharedArrayBuffers. */
export interface KernelRows {
  /** [rows, dense inputs], row-major. */
  readonly features: Float32Array;
  /** [rows, code groups], row-major: coded column, or 0xffff where all columns of the group are 0. */
  readonly codes?: Uint16Array;
  /** [rows]; 1 = goal. */
  readonly labels: Uint8Array;
  /** [rows]; absent = 1 for every row. */
  readonly weights?: Float32Array;
  /** Factors on the weights of rows with label 0 and 1; absent = 1. */
  readonly classWeights?: readonly [number, number];
}

/** Sums over rows, in the kernel's order: rows, weight, loss, correct. */
export type KernelSums = Float64Array;

/** Memory of one network, and the kernel's calls on it. The caller checks the arguments. */
export interface KernelMemory {
  /** The network's memory from its start. */
  readonly bytes: Uint8Array;
  /** The same memory as numbers. */
  readonly floats: Float32Array;
  layout(): Float64Array;
  train(rows: KernelRows, order: Uint32Array, learningRate: number, sums: KernelSums): void;
  gradients(rows: KernelRows, order: Uint32Array, sums: KernelSums): void;
  evaluate(rows: KernelRows, order: Uint32Array, sums: KernelSums): void;
  predict(rows: Omit<KernelRows, 'labels'>, order: Uint32Array, logits: Float32Array): void;
  isFinite(): boolean;
}

/** A loaded build of the kernel. */
export interface KernelBuild {
  /** Instruction set: `avx512`, `avx2`, `sse`, `neon` or `wasm`. */
  readonly name: string;
  /** Number of the first field out of range, or -1. */
  specFault(spec: Float64Array): number;
  /** @param spec valid */
  allocate(spec: Float64Array): KernelMemory;
}

/** Fields of a specification that determine the memory layout; see `training_kernel.h`. */
export const SPEC = { denseInputs: 0, codeGroups: 2, batchRows: 6 } as const;

/** Fields of the layout before the places of the layers; see `training_kernel.h`. */
export const LAYOUT = { stateBytes: 0, parameters: 1, parameterCount: 2, gradients: 3, places: 4 } as const;
/** Fields of a layer's place. */
export const PLACE = { kernel: 0, stride: 1, bias: 2, gamma: 3, movingMean: 4, fields: 5 } as const;
export const LAYOUT_FIELDS = LAYOUT.places + 5 * PLACE.fields;
/** Places of the sums. */
export const SUM = { rows: 0, weight: 1, loss: 2, correct: 3, count: 4 } as const;
