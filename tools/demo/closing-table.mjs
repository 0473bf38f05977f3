import Table from 'cli-table3';

/**
 * @import { ModelAnswer, RunAnswer } from '../sandbox/factory-command.mjs'
 *
 * @typedef {object} ClosingRow null: nothing was recorded
 * @property {string} source
 * @property {number} product
 * @property {string | null} window of training
 * @property {number | null} sales in it
 * @property {number} trials
 * @property {string | null} winner
 * @property {string | null} engine
 * @property {number} trainingSeconds processor time of all trials
 * @property {string | null} judgedOn
 * @property {number | null} auc
 * @property {number | null} liftAt5
 * @property {number | null} logLoss of the candidate on the judging rows
 * @property {readonly [lower: number, upper: number] | null} logLossInterval 95 %
 * @property {number | null} calibration predicted over observed goals
 * @property {number | string | null} slope of the calibration, or why there is none
 * @property {string | null} verdict
 * @property {string | null} why the rule that decided
 * @property {string | null} words the same in a sentence
 * @property {string | null} outcome
 * @property {string | null} reason
 * @property {number | null} seconds
 * @property {string | null} location of the model that is in force
 */

/**
 * One row of the closing table.
 *
 * @param {RunAnswer} run
 * @param {ModelAnswer | undefined} model absent: the run has not published one
 * @returns {ClosingRow}
 */
export function closingRow(run, model) {
  const { window, trials, winner, verdict } = run;
  const judged = run.evaluation?.metrics.judging;
  const interval = judged?.intervals?.['logLoss'];
  const best = trials.find(({ combination }) => combination.trial === winner);
  const combination = best?.combination;
  return {
    source: run.source,
    product: run.product,
    window: window ? `${window.start.slice(0, 10)} .. ${window.trainEnd.slice(0, 10)}` : null,
    sales: window?.sales ?? null,
    trials: trials.length,
    winner: combination
      ? `${combination.node1}-${combination.node2}, dropout ${combination.dropout1}, ${combination.optimizer}`
      : null,
    engine: best?.engine ?? null,
    trainingSeconds: trials.reduce((sum, trial) => sum + (trial.seconds ?? 0), 0),
    judgedOn: model?.metrics.judgedOn ?? null,
    auc: model?.metrics.rocAuc ?? null,
    liftAt5: model?.metrics.liftAt5 ?? null,
    logLoss: judged?.logLoss ?? null,
    logLossInterval: interval ? [interval.lower95, interval.upper95] : null,
    calibration: judged?.calibrationRatio ?? model?.metrics.calibrationRatio ?? null,
    slope: judged?.calibrationSlope ?? null,
    verdict: verdict?.decision ?? null,
    why: verdict?.decisive ?? null,
    words: verdict?.words ?? null,
    outcome: run.outcome,
    reason: run.reason,
    seconds: run.seconds,
    location: model ? model.location : null,
  };
}

/**
 * The table as text.
 *
 * @param {readonly ClosingRow[]} rows
 */
export function renderRows(rows) {
  const table = new Table({
    head: [
      'PRODUCT',
      'WINDOW',
      'SALES',
      'TRIALS',
      'WINNER',
      'AUC',
      'LIFT 5 %',
      'LOG-LOSS (95 %)',
      'CALIBR.',
      'SLOPE',
      'VERDICT',
      'MODEL',
    ],
    style: { head: [], border: [] },
  });
  for (const row of rows)
    table.push([
      `${row.source}/${row.product}`,
      row.window ?? '-',
      row.sales ?? '-',
      row.trials,
      row.winner ?? '-',
      figure(row.auc, 4),
      figure(row.liftAt5, 2),
      lossText(row),
      figure(row.calibration, 3),
      typeof row.slope === 'string' ? row.slope : figure(row.slope, 2),
      row.verdict ? [row.verdict, row.why].filter(Boolean).join(': ') : (row.outcome ?? '-'),
      row.location ?? row.reason ?? '-',
    ]);
  return table.toString();
}

/** @param {Pick<ClosingRow, 'logLoss' | 'logLossInterval'>} row */
function lossText({ logLoss, logLossInterval }) {
  const within = logLossInterval?.map((end) => end.toFixed(4)).join(' to ');
  return within ? `${figure(logLoss, 4)} (${within})` : figure(logLoss, 4);
}

/**
 * What became of each run, in a sentence; empty where nothing was judged.
 *
 * @param {readonly Pick<ClosingRow, 'source' | 'product' | 'words'>[]} rows
 */
export function verdictLines(rows) {
  return rows
    .flatMap(({ source, product, words }) => (words ? [`${source}/${product}: ${words}`] : []))
    .join('\n');
}

/**
 * @param {number | null} value
 * @param {number} digits
 */
function figure(value, digits) {
  return value === null ? '-' : value.toFixed(digits);
}

/**
 * Which engines trained, and how long: the total over all trials and threads.
 *
 * @param {readonly Pick<ClosingRow, 'engine' | 'trials' | 'trainingSeconds'>[]} rows
 */
export function trainingLine(rows) {
  const engines = [...new Set(rows.flatMap(({ engine }) => engine ?? []))];
  const trials = rows.reduce((sum, row) => sum + row.trials, 0);
  const seconds = rows.reduce((sum, row) => sum + row.trainingSeconds, 0);
  return `${trials} trials trained by ${engines.join(', ')} in ${seconds.toFixed(1)} s of processor time`;
}
