import type { Optimizer } from '@factory/domain';
import type { NetworkWeights } from '@factory/model';
import type { TrainingData } from '../training-engine';

interface Layer {
  readonly inputs: number;
  readonly units: number;
  readonly kernel: number[];
  readonly bias: number[];
}

/** One parameter with its optimizer state. */
interface Gradient {
  readonly kernel: number[];
  readonly bias: number[];
}

/**
 * The slow, plain reference that every engine is measured against: float64, one row at a time, textbook formulas,
 * no dropout, sharing no code with the engines.
 */
export class ReferenceNetwork {
  readonly layers: Layer[];
  private steps = 0;
  private readonly state: { first: Gradient; second: Gradient }[];

  constructor(start: NetworkWeights) {
    this.layers = start.layers.map((layer) => ({
      inputs: layer.inputs,
      units: layer.units,
      kernel: Array.from(layer.kernel),
      bias: Array.from(layer.bias),
    }));
    this.state = this.layers.map((layer) => ({ first: zerosLike(layer), second: zerosLike(layer) }));
  }

  /** Outputs of every layer for one row, relu applied to all but the last; the last one's is the logit. */
  forward(row: ArrayLike<number>): number[][] {
    const outputs: number[][] = [];
    let input = Array.from(row);
    this.layers.forEach((layer, index) => {
      const isLast = index === this.layers.length - 1;
      input = layer.bias.map((bias, unit) => {
        const sum = input.reduce(
          (total, value, i) => total + value * layer.kernel[i * layer.units + unit]!,
          bias,
        );
        return isLast ? sum : Math.max(sum, 0);
      });
      outputs.push(input);
    });
    return outputs;
  }

  /** Mean binary cross-entropy over the given rows. */
  loss(data: TrainingData, rows: ArrayLike<number>): number {
    let total = 0;
    for (const row of Array.from(rows)) {
      const logit = this.forward(rowOf(data, row)).at(-1)![0]!;
      total += Math.log1p(Math.exp(-Math.abs(logit))) + Math.max(logit, 0) - logit * data.labels[row]!;
    }
    return total / rows.length;
  }

  /** Gradients of the mean loss over the given rows. */
  gradients(data: TrainingData, rows: ArrayLike<number>): Gradient[] {
    const sums = this.layers.map(zerosLike);
    for (const row of Array.from(rows)) {
      const input = rowOf(data, row);
      const outputs = this.forward(input);
      const logit = outputs.at(-1)![0]!;
      let slopes = [(1 / (1 + Math.exp(-logit)) - data.labels[row]!) / rows.length];
      for (let index = this.layers.length - 1; index >= 0; index--) {
        const layer = this.layers[index]!;
        const below = index === 0 ? Array.from(input) : outputs[index - 1]!;
        const sum = sums[index]!;
        slopes.forEach((slope, unit) => {
          sum.bias[unit]! += slope;
          below.forEach((value, i) => (sum.kernel[i * layer.units + unit]! += slope * value));
        });
        slopes = below.map((value, i) =>
          value > 0
            ? slopes.reduce((total, slope, unit) => total + slope * layer.kernel[i * layer.units + unit]!, 0)
            : 0,
        );
      }
    }
    return sums;
  }

  step(gradients: readonly Gradient[], optimizer: Optimizer, learningRate: number): void {
    this.steps++;
    this.layers.forEach((layer, index) => {
      const { first, second } = this.state[index]!;
      for (const part of ['kernel', 'bias'] as const) {
        layer[part].forEach((_value, i) => {
          const slope = gradients[index]![part][i]!;
          layer[part][i]! -= learningRate * this.direction(optimizer, slope, first[part], second[part], i);
        });
      }
    });
  }

  private direction(
    optimizer: Optimizer,
    slope: number,
    first: number[],
    second: number[],
    i: number,
  ): number {
    const n = this.steps;
    if (optimizer === 'sgd') return slope;
    if (optimizer === 'rmsprop') {
      second[i] = 0.9 * second[i]! + 0.1 * slope ** 2;
      return slope / Math.sqrt(second[i]! + 1e-7);
    }
    first[i] = 0.9 * first[i]! + 0.1 * slope;
    second[i] = 0.999 * second[i]! + 0.001 * slope ** 2;
    const spread = second[i]! / (1 - 0.999 ** n);
    if (optimizer === 'adam') {
      return first[i]! / (1 - 0.9 ** n) / (Math.sqrt(spread) + 1e-7 / Math.sqrt(1 - 0.999 ** n));
    }
    const pace = (step: number) => 0.9 * (1 - 0.5 * 0.96 ** step);
    let product = 1;
    for (let step = 1; step <= n; step++) product *= pace(step);
    const ahead = (pace(n + 1) * first[i]!) / (1 - product * pace(n + 1));
    return (ahead + ((1 - pace(n)) * slope) / (1 - product)) / (Math.sqrt(spread) + 1e-7);
  }
}

function rowOf(data: TrainingData, row: number): Float32Array {
  return data.features.subarray(row * data.width, (row + 1) * data.width);
}

function zerosLike(layer: Layer): Gradient {
  return { kernel: layer.kernel.map(() => 0), bias: layer.bias.map(() => 0) };
}
