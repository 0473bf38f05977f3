import { BadInputError } from '@factory/domain';
import type { LogitLine, ModelFile, Predictor } from '../predictor';
import { encodeLogistic, LOGISTIC_FILE, type LogisticWeights } from './logistic-file';

/** A fitted logistic regression: the logit is a weighted sum of the inputs, in float64. */
export class LogisticModel implements Predictor {
  readonly family = 'logistic';

  constructor(readonly fitted: LogisticWeights) {}

  get inputs(): number {
    return this.fitted.weights.length;
  }

  get parameters(): number {
    return this.inputs + 1;
  }

  logits(matrix: Float32Array, rows: number, width: number): Float64Array {
    this.checkWidth(width);
    return Float64Array.from({ length: rows }, (_, row) => this.sum(matrix, row * width));
  }

  /** Allocates nothing. */
  logit(row: Float32Array): number {
    this.checkWidth(row.length);
    return this.sum(row, 0);
  }

  shifted(shift: number): LogisticModel {
    const { weights, intercept } = this.fitted;
    return new LogisticModel({ weights, intercept: intercept + shift });
  }

  rescaled({ slope, bias }: LogitLine): LogisticModel {
    const { weights, intercept } = this.fitted;
    return new LogisticModel({
      weights: weights.map((weight) => slope * weight),
      intercept: slope * intercept + bias,
    });
  }

  encode(): Buffer {
    return encodeLogistic(this.fitted);
  }

  toFiles(): ReadonlyMap<ModelFile, Buffer> {
    return new Map([[LOGISTIC_FILE, this.encode()]]);
  }

  private sum(values: Float32Array, from: number): number {
    const { weights, intercept } = this.fitted;
    let logit = intercept;
    for (let at = 0; at < weights.length; at++) logit += (values[from + at] ?? NaN) * (weights[at] ?? NaN);
    return logit;
  }

  private checkWidth(width: number): void {
    if (width === this.inputs) return;
    throw new BadInputError('width-mismatch', {
      field: 'model inputs',
      value: this.inputs,
      todo: `give a model for ${width} inputs, with the transform it was fitted on`,
    });
  }
}
