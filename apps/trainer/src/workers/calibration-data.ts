import type { Trial } from '@factory/domain';
import { SeededRandom } from '@factory/engines';
import type { TrialData } from '../trial-data';

const ROWS = 20_000;
const COLUMNS = 50;

/** Eight trials as in the standard grid, sized for the time limit of the calibration. */
export function calibrationTrials(epochs: number): Trial[] {
  return [
    [128, 64],
    [64, 32],
  ].flatMap(([node1 = 0, node2 = 0], shape) =>
    [0.2, 0.5].flatMap((dropout, share) =>
      [0.001, 0.003].map((learningRate, rate) => ({
        trial: 1 + 4 * shape + 2 * share + rate,
        family: 'network' as const,
        settings: {
          node1,
          node2,
          dropout1: dropout,
          dropout2: dropout,
          optimizer: 'adam' as const,
          learningRate,
          lrAnnealing: 0.1,
          batchSize: 256,
          epochs,
        },
      })),
    ),
  );
}

/** Rows like those of a sample, in shared memory: 50 columns, one goal in nine, log-odds determined by two columns. */
export function calibrationData(): TrialData {
  const random = new SeededRandom(1, 'calibration');
  const features = new Float32Array(
    new SharedArrayBuffer(ROWS * COLUMNS * Float32Array.BYTES_PER_ELEMENT),
  ).map(() => random.fraction() * 4 - 2);
  const labels = new Uint8Array(new SharedArrayBuffer(ROWS));
  for (let row = 0; row < ROWS; row++) {
    const [a = 0, b = 0] = features.subarray(row * COLUMNS, row * COLUMNS + 2);
    labels[row] = Number(random.fraction() < 1 / (1 + Math.exp(2.6 - a + b)));
  }
  const rows = Uint32Array.from({ length: ROWS }, (_unused, row) => row);
  return {
    features,
    width: COLUMNS,
    labels,
    weights: new Float64Array(ROWS).fill(1),
    shift: 0,
    trainRows: rows.subarray(0, 0.64 * ROWS),
    validationRows: rows.subarray(0.64 * ROWS, 0.8 * ROWS),
    testRows: rows.subarray(0.8 * ROWS),
  };
}
