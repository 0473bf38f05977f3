/**
 * @import { NetworkSettings } from '@factory/domain'
 *
 * @typedef {object} TrainedGrid all trials of a grid, or of one group
 * @property {string} engine
 * @property {number} trials
 * @property {number} epochs trained by all trials
 * @property {number} seconds
 * @property {NetworkSettings} winner
 * @property {number} winnerEpochs
 * @property {number} testLogLoss natural, of the winner
 *
 * @typedef {object} GridRow a line of the table
 * @property {string} part
 * @property {string} engine
 * @property {number} trials
 * @property {number} epochs
 * @property {number} seconds
 * @property {number} thousandRows train rows of all epochs a second
 * @property {string} winner
 * @property {number} winnerEpochs
 * @property {number} testLogLoss
 * @property {number | null} peakMebibytes of the trainer; null = not measured, for Keras
 */

/** Suffix of the name of a grid that was trained by successive halving. */
export const ASHA = ', asha';

/**
 * @param {string} part
 * @param {TrainedGrid} trained
 * @param {number} trainRows
 * @param {number | null} peakMebibytes
 * @returns {GridRow}
 */
export function gridRow(part, trained, trainRows, peakMebibytes = null) {
  const { engine, trials, epochs, seconds, winner, winnerEpochs, testLogLoss } = trained;
  const { node1, node2, dropout1, dropout2, optimizer, learningRate, batchSize } = winner;
  return {
    part,
    engine,
    trials,
    epochs,
    seconds,
    thousandRows: (epochs * trainRows) / seconds / 1_000,
    winner: `${node1}-${node2}, ${dropout1}/${dropout2}, ${optimizer} ${learningRate}, ${batchSize}`,
    winnerEpochs,
    testLogLoss,
    peakMebibytes,
  };
}

/**
 * What successive halving saved and cost, if the whole grid was trained too.
 *
 * @param {readonly GridRow[]} rows
 * @returns {string[]}
 */
export function savingsOf(rows) {
  return rows.flatMap((asha) => {
    const whole = rows.find(
      ({ part, peakMebibytes }) => peakMebibytes !== null && `${part}${ASHA}` === asha.part,
    );
    if (!whole) return [];
    const [share, more] = [asha.epochs / whole.epochs, asha.testLogLoss - whole.testLogLoss];
    return [
      `${asha.part}: ${(100 * share).toFixed(0)} % of the grid's epochs, ${(whole.seconds / asha.seconds).toFixed(1)} ` +
        `times as fast; its winner's test log-loss less that of the grid's: ${more.toFixed(5)}`,
    ];
  });
}

/**
 * @param {{rows: number, width: number}} sizes
 * @param {number} trainRows
 */
export function gridNotes({ rows, width }, trainRows) {
  return [
    `${rows} rows x ${width}, ${trainRows} of them train rows. Trainer: seconds from the start of planning (of the`,
    'group, for a single combination) to gathered candidates, by the ledger: dataset from S3, transform, trials,',
    'metrics, weights to S3. Keras: seconds of the trials alone, one after the other, on all cores with its default',
    'threads; matrix in memory; predictions of all parts at the end of each trial, as in the trainer.',
    'Both: the same rules of early stopping and learning-rate decay. thousandRows: train rows of all epochs a second.',
    'testLogLoss: natural, of the winner. peakMebibytes: the trainer process.',
  ].join('\n');
}
