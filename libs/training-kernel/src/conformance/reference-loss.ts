import type { KernelRows } from '../kernel-memory';
import type { LayerParameters } from '../kernel-network';
import type { NetworkSpec } from '../network-spec';

/** Numbers in [-1, 1) that depend only on the seed (mulberry32). */
export function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

/** Parameters large enough that no unit is dead and no gradient is 0. */
export function drawParameters(spec: NetworkSpec, seed: number): LayerParameters[] {
  const next = draws(seed);
  const vector = (length: number, scale: number, centre = 0) =>
    Float32Array.from({ length }, () => centre + scale * next());
  const units = [...spec.hidden.map((layer) => layer.units), 1];
  return units.map((count, index) => {
    const inputs = index === 0 ? spec.denseInputs + (spec.codedInputs ?? 0) : units[index - 1]!;
    const layer = { kernel: vector(inputs * count, 2 / Math.sqrt(inputs)), bias: vector(count, 0.3) };
    if (!spec.hidden[index]?.batchNorm) return layer;
    const norm = {
      gamma: vector(count, 0.5, 1),
      beta: vector(count, 0.5),
      movingMean: vector(count, 0.3),
      movingVariance: vector(count, 0.4, 1),
    };
    return { ...layer, norm };
  });
}

/** Random rows with both labels, one-hot codes (some of no column) and weights. */
export function drawRows(spec: NetworkSpec, rows: number, seed: number): Required<KernelRows> {
  const next = draws(seed);
  const { denseInputs, codedInputs = 0, codeGroups = 0 } = spec;
  const columns = codeGroups > 0 ? Math.floor(codedInputs / codeGroups) : 0;
  return {
    features: Float32Array.from({ length: rows * denseInputs }, () => 1.5 * next()),
    codes: Uint16Array.from({ length: rows * codeGroups }, (_unused, at) => {
      const within = Math.floor(((next() + 1) / 2) * (columns + 1));
      return within === columns ? 0xffff : (at % codeGroups) * columns + within;
    }),
    labels: Uint8Array.from({ length: rows }, (_unused, row) => (row < 2 ? row : Number(next() > 0.4))),
    weights: Float32Array.from({ length: rows }, () => 1.2 + next()),
    classWeights: [0.7, 1.9],
  };
}

/** Row numbers 0 to count - 1. */
export function inOrder(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_unused, row) => row);
}

/** The rows with codes expanded to columns of 0 and 1 after the dense ones. */
export function writtenOut(rows: KernelRows, spec: NetworkSpec): KernelRows {
  const { denseInputs, codedInputs = 0, codeGroups = 0 } = spec;
  const width = denseInputs + codedInputs;
  const features = new Float32Array(rows.labels.length * width);
  for (let row = 0; row < rows.labels.length; row++) {
    features.set(rows.features.subarray(row * denseInputs, (row + 1) * denseInputs), row * width);
    for (let group = 0; group < codeGroups; group++) {
      const code = rows.codes![row * codeGroups + group]!;
      if (code !== 0xffff) features[row * width + denseInputs + code] = 1;
    }
  }
  return { ...rows, features, codes: new Uint16Array(0) };
}

type Vector = readonly number[];

const SELU = { scale: 1.0507009873554805, alpha: 1.6732632423543772 };
const ACTIVATE = {
  relu: (x: number) => Math.max(x, 0),
  tanh: Math.tanh,
  elu: (x: number) => (x > 0 ? x : Math.expm1(x)),
  selu: (x: number) => SELU.scale * (x > 0 ? x : SELU.alpha * Math.expm1(x)),
};

/**
 * The loss that the kernel minimises, in float64, one unit at a time, by the textbook formula: mean weighted cross-entropy
 * of a batch with its own batch statistics, plus l2 penalties.
 *
 * @param rows with expanded codes
 */
export function referenceLoss(spec: NetworkSpec, layers: readonly PlainLayer[], rows: KernelRows): number {
  const width = spec.denseInputs + (spec.codedInputs ?? 0);
  let batch: Vector[] = Array.from(rows.labels, (_label, row) =>
    Array.from(rows.features.subarray(row * width, (row + 1) * width)),
  );
  let penalty = 0;
  layers.forEach((layer, index) => {
    const hidden = spec.hidden[index];
    const units = hidden?.units ?? 1;
    const l2 = (hidden ? hidden.l2 : spec.outputL2) ?? 0;
    penalty += l2 * layer.kernel.reduce((sum, weight) => sum + weight * weight, 0);
    batch = batch.map((row) =>
      layer.bias.map((bias, unit) =>
        row.reduce((sum, value, input) => sum + value * layer.kernel[input * units + unit]!, bias),
      ),
    );
    if (!hidden) return;
    if (layer.gamma && layer.beta)
      batch = normalised(batch, layer.gamma, layer.beta, spec.normEpsilon ?? 1e-3);
    batch = batch.map((row) => row.map(ACTIVATE[hidden.activation ?? 'relu']));
  });
  const losses = batch.map(([logit], row) => {
    const z = logit!;
    const label = rows.labels[row]!;
    const weight = (rows.weights?.[row] ?? 1) * (rows.classWeights?.[label as 0 | 1] ?? 1);
    return weight * (Math.max(z, 0) - z * label + Math.log1p(Math.exp(-Math.abs(z))));
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / batch.length + penalty;
}

/** A layer's parameters as a list of numbers, which can be varied. */
export interface PlainLayer {
  kernel: number[];
  bias: number[];
  gamma?: number[];
  beta?: number[];
}

/** Copies that can be varied. */
export function plainOf(layers: readonly LayerParameters[]): PlainLayer[] {
  return layers.map(({ kernel, bias, norm }) => ({
    kernel: [...kernel],
    bias: [...bias],
    ...(norm && { gamma: [...norm.gamma], beta: [...norm.beta] }),
  }));
}

function normalised(batch: Vector[], gamma: Vector, beta: Vector, epsilon: number): Vector[] {
  const statistics = gamma.map((_unused, unit) => {
    const mean = batch.reduce((sum, row) => sum + row[unit]!, 0) / batch.length;
    const variance = batch.reduce((sum, row) => sum + (row[unit]! - mean) ** 2, 0) / batch.length;
    return { mean, deviation: Math.sqrt(variance + epsilon) };
  });
  return batch.map((row) =>
    row.map((value, unit) => {
      const { mean, deviation } = statistics[unit]!;
      return (gamma[unit]! * (value - mean)) / deviation + beta[unit]!;
    }),
  );
}
