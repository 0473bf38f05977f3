import { ASHA, gridRow, savingsOf } from './grid-rows.mjs';

/** @import { TrainedGrid } from './grid-rows.mjs' */

/** @type {TrainedGrid} */
const TRAINED = {
  engine: 'kernel-avx2',
  trials: 24,
  epochs: 400,
  seconds: 20,
  winner: {
    ...{ node1: 64, node2: 32, dropout1: 0.2, dropout2: 0.5, optimizer: 'adam', learningRate: 0.001 },
    ...{ lrAnnealing: 0.1, batchSize: 256, epochs: 50 },
  },
  winnerEpochs: 17,
  testLogLoss: 0.25,
};

describe('a line of the grid benchmark', () => {
  it('counts the train rows of all epochs', () => {
    const row = gridRow('standard grid', TRAINED, 50_000);
    expect(row.thousandRows).toBe(1_000);
    expect(row.winner).toBe('64-32, 0.2/0.5, adam 0.001, 256');
    expect(row.peakMebibytes).toBeNull();
  });

  it('reports what halving saved and cost, compared with the trainer and not with Keras', () => {
    const whole = gridRow('full grid', TRAINED, 50_000, 300);
    const keras = gridRow('full grid', { ...TRAINED, epochs: 1, seconds: 1 }, 50_000);
    const asha = gridRow(
      `full grid${ASHA}`,
      { ...TRAINED, epochs: 100, seconds: 8, testLogLoss: 0.26 },
      50_000,
      300,
    );
    expect(savingsOf([keras, whole, asha])).toEqual([
      "full grid, asha: 25 % of the grid's epochs, 2.5 times as fast; its winner's test log-loss less that of the grid's: 0.01000",
    ]);
    expect(savingsOf([asha])).toEqual([]);
  });
});
