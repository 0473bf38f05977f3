import { wasm, type WasmGlobal, type WasmMemoryObject, type WasmModule } from './web-assembly';
import {
  LAYOUT_FIELDS,
  SPEC,
  SUM,
  type KernelBuild,
  type KernelMemory,
  type KernelRows,
} from './kernel-memory';

/** Exports of the module that `tools/kernel` builds. */
interface WasmExports {
  readonly memory: WasmMemoryObject;
  readonly __heap_base: WasmGlobal;
  tk_spec_fault(spec: number): number;
  tk_network_bytes(spec: number): number;
  tk_init(network: number, spec: number): void;
  tk_layout(network: number, fields: number): void;
  tk_train(network: number, rows: number, learningRate: number, sums: number): void;
  tk_gradients(network: number, rows: number, sums: number): void;
  tk_evaluate(network: number, rows: number, sums: number): void;
  tk_predict(network: number, rows: number, logits: number): void;
  tk_is_finite(network: number): number;
}

const PAGE = 65_536;
const ALIGNMENT = 64;
/** Rows copied into the module's memory at a time, at most (but never less than a batch). */
const STAGED_ROWS = 2048;
/** Bytes of `tk_rows` with pointers of 32 bits. */
const ROWS_STRUCT_BYTES = 32;

/**
 * The kernel as WebAssembly. A module can only access its own memory: rows are copied in as needed, so that
 * memory use is independent of the dataset's size.
 *
 * @param module compiled `training-kernel.wasm`
 */
export function wasmBuild(module: WasmModule): KernelBuild {
  return {
    name: 'wasm',
    specFault: (spec) => {
      const memory = new Placement(module);
      const at = memory.reserve(spec.byteLength);
      memory.settle();
      new Float64Array(memory.exports.memory.buffer, at, spec.length).set(spec);
      return memory.exports.tk_spec_fault(at);
    },
    allocate: (spec) => new WasmMemory(new Placement(module), spec),
  };
}

/** An instance of the module, whose memory is allocated once. */
class Placement {
  readonly exports: WasmExports;
  private used: number;

  constructor(module: WasmModule) {
    this.exports = new wasm.Instance(module).exports as WasmExports;
    this.used = Number(this.exports.__heap_base.value);
  }

  /** @returns the address of the given number of bytes; they exist after `settle` */
  reserve(bytes: number): number {
    const at = Math.ceil(this.used / ALIGNMENT) * ALIGNMENT;
    this.used = at + bytes;
    return at;
  }

  settle(): void {
    const { memory } = this.exports;
    const missing = Math.ceil((this.used - memory.buffer.byteLength) / PAGE);
    if (missing > 0) memory.grow(missing);
  }
}

class WasmMemory implements KernelMemory {
  readonly bytes: Uint8Array;
  readonly floats: Float32Array;

  private readonly exports: WasmExports;
  private readonly network: number;
  private readonly stagedRows: number;
  private readonly width: number;
  private readonly groups: number;
  private readonly features: Float32Array;
  private readonly codes: Uint16Array;
  private readonly labels: Uint8Array;
  private readonly weights: Float32Array;
  private readonly logits: Float32Array;
  private readonly sums: Float64Array;
  private readonly layoutFields: Float64Array;
  private readonly rowsStruct: DataView;

  constructor(placement: Placement, spec: Float64Array) {
    const { exports } = placement;
    this.exports = exports;
    const width = spec[SPEC.denseInputs] ?? 0;
    const groups = spec[SPEC.codeGroups] ?? 0;
    const batchRows = spec[SPEC.batchRows] ?? 1;
    this.width = width;
    this.groups = groups;
    this.stagedRows = batchRows * Math.max(1, Math.floor(STAGED_ROWS / batchRows));

    const specAt = placement.reserve(spec.byteLength);
    placement.settle();
    new Float64Array(exports.memory.buffer, specAt, spec.length).set(spec);
    const size = exports.tk_network_bytes(specAt);
    this.network = placement.reserve(size);
    const at = {
      features: placement.reserve(this.stagedRows * width * 4),
      codes: placement.reserve(this.stagedRows * groups * 2),
      labels: placement.reserve(this.stagedRows),
      weights: placement.reserve(this.stagedRows * 4),
      logits: placement.reserve(this.stagedRows * 4),
      sums: placement.reserve(SUM.count * 8),
      layout: placement.reserve(LAYOUT_FIELDS * 8),
      rows: placement.reserve(ROWS_STRUCT_BYTES),
    };
    placement.settle();
    const { buffer } = exports.memory;
    this.bytes = new Uint8Array(buffer, this.network, size);
    this.floats = new Float32Array(buffer, this.network, size / 4);
    this.features = new Float32Array(buffer, at.features, this.stagedRows * width);
    this.codes = new Uint16Array(buffer, at.codes, this.stagedRows * groups);
    this.labels = new Uint8Array(buffer, at.labels, this.stagedRows);
    this.weights = new Float32Array(buffer, at.weights, this.stagedRows);
    this.logits = new Float32Array(buffer, at.logits, this.stagedRows);
    this.sums = new Float64Array(buffer, at.sums, SUM.count);
    this.layoutFields = new Float64Array(buffer, at.layout, LAYOUT_FIELDS);
    this.rowsStruct = new DataView(buffer, at.rows, ROWS_STRUCT_BYTES);
    exports.tk_init(this.network, specAt);
  }

  layout(): Float64Array {
    this.exports.tk_layout(this.network, this.layoutFields.byteOffset);
    return this.layoutFields.slice();
  }

  train(rows: KernelRows, order: Uint32Array, learningRate: number, sums: Float64Array): void {
    this.summed(rows, order, sums, this.stagedRows, (staged, into) =>
      this.exports.tk_train(this.network, staged, learningRate, into),
    );
  }

  gradients(rows: KernelRows, order: Uint32Array, sums: Float64Array): void {
    this.summed(rows, order, sums, order.length, (staged, into) =>
      this.exports.tk_gradients(this.network, staged, into),
    );
  }

  evaluate(rows: KernelRows, order: Uint32Array, sums: Float64Array): void {
    this.summed(rows, order, sums, this.stagedRows, (staged, into) =>
      this.exports.tk_evaluate(this.network, staged, into),
    );
  }

  predict(rows: Omit<KernelRows, 'labels'>, order: Uint32Array, logits: Float32Array): void {
    for (let from = 0; from < order.length; from += this.stagedRows) {
      const part = order.subarray(from, from + this.stagedRows);
      this.exports.tk_predict(this.network, this.stage(rows, part), this.logits.byteOffset);
      logits.set(this.logits.subarray(0, part.length), from);
    }
  }

  isFinite(): boolean {
    return this.exports.tk_is_finite(this.network) === 1;
  }

  private summed(
    rows: KernelRows,
    order: Uint32Array,
    sums: Float64Array,
    rowsAtATime: number,
    call: (staged: number, sums: number) => void,
  ): void {
    this.sums.set(sums);
    for (let from = 0; from < order.length; from += rowsAtATime) {
      const part = order.subarray(from, from + rowsAtATime);
      const staged = this.stage(rows, part);
      for (let k = 0; k < part.length; k++) this.labels[k] = rows.labels[part[k] ?? 0] ?? 0;
      call(staged, this.sums.byteOffset);
    }
    sums.set(this.sums);
  }

  /** Copies rows into the module's memory. @returns the address of their `tk_rows` */
  private stage(rows: Omit<KernelRows, 'labels'>, order: Uint32Array): number {
    const { width, groups } = this;
    const { features, codes, weights, classWeights = [1, 1] } = rows;
    for (let k = 0; k < order.length; k++) {
      const row = order[k] ?? 0;
      this.features.set(features.subarray(row * width, (row + 1) * width), k * width);
      for (let g = 0; codes && g < groups; g++) this.codes[k * groups + g] = codes[row * groups + g] ?? 0;
      if (weights) this.weights[k] = weights[row] ?? 0;
    }
    const pointers = [
      this.features.byteOffset,
      codes ? this.codes.byteOffset : 0,
      this.labels.byteOffset,
      weights ? this.weights.byteOffset : 0,
      0, // no order: rows are sequential
      order.length,
    ];
    pointers.forEach((value, index) => this.rowsStruct.setUint32(4 * index, value, true));
    classWeights.forEach((value, index) => this.rowsStruct.setFloat32(24 + 4 * index, value, true));
    return this.rowsStruct.byteOffset;
  }
}
