import type { LogisticModel } from '@factory/model';
import { codedLayout, NO_COLUMN, type MatrixLayout, type Transform } from '@factory/normalisation';

/** A logistic regression that predicts coded rows: a category costs one addition a row, however many levels it has. */
export class LogisticPredictor {
  readonly layout: MatrixLayout;
  private readonly intercept: number;
  private readonly dense: Float64Array;
  private readonly coded: Float64Array;
  private results = new Float64Array(0);

  constructor({ fitted }: LogisticModel, transform: Transform) {
    this.layout = codedLayout(transform);
    this.intercept = fitted.intercept;
    const weightsOf = (outputs: Uint32Array) =>
      Float64Array.from(outputs, (output) => fitted.weights[output] ?? NaN);
    this.dense = weightsOf(this.layout.denseColumns);
    this.coded = weightsOf(this.layout.codedColumns);
  }

  /** Logits of rows in the layout, in float64; valid until the next call. */
  predict(features: Float32Array, codes: Uint16Array, rows: number): Float64Array {
    const { intercept, dense, coded } = this;
    const columns = dense.length;
    const groups = this.layout.groups.length;
    if (this.results.length < rows) this.results = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      let logit = intercept;
      const from = row * columns;
      for (let at = 0; at < columns; at++) logit += (features[from + at] ?? NaN) * (dense[at] ?? NaN);
      for (let at = row * groups; at < (row + 1) * groups; at++) {
        const code = codes[at] ?? NO_COLUMN;
        if (code !== NO_COLUMN) logit += coded[code] ?? NaN;
      }
      this.results[row] = logit;
    }
    return this.results.subarray(0, rows);
  }
}
