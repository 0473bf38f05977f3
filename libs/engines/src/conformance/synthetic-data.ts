import { SeededRandom } from '../seeded-random';
import type { TrainingData } from '../training-engine';

/**
 * Rows whose log-odds of the goal are a known curved function of the first four columns; the rest is noise. About
 * one row in nine is a goal, as in a 1:8 sample. Of ten rows, six are train, two validation, two left over.
 */
export function syntheticData(
  rows: number,
  width: number,
  seed: number,
): TrainingData & { readonly testRows: Uint32Array; readonly trueLogits: Float64Array } {
  const random = new SeededRandom(seed, 'synthetic-data');
  const features = Float32Array.from({ length: rows * width }, () => random.normal());
  const labels = new Uint8Array(rows);
  const trueLogits = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const [a = 0, b = 0, c = 0, d = 0] = features.subarray(row * width, row * width + 4);
    const logit = -3.1 + 1.2 * a - 0.9 * b + 0.8 * c * d;
    trueLogits[row] = logit;
    labels[row] = random.fraction() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  }
  const numbers = Uint32Array.from({ length: rows }, (_unused, row) => row);
  return {
    features,
    width,
    labels,
    trueLogits,
    trainRows: numbers.filter((row) => row % 10 < 6),
    validationRows: numbers.filter((row) => row % 10 >= 6 && row % 10 < 8),
    testRows: numbers.filter((row) => row % 10 >= 8),
  };
}
