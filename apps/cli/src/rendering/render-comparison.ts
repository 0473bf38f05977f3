import type { EvaluationReport } from '@factory/fleet';
import type { BootstrapInterval, ReliabilityBin } from '@factory/metrics';
import { count, figure, percent } from './format';
import type { Output } from './output';
import { renderTable } from './table';

type Judged = EvaluationReport['metrics']['judging'];

/** How sure the figures of the judging rows are, and the candidate beside simpler and earlier models, in sentences. */
export function comparisonLines(evaluation: EvaluationReport): string[] {
  const { metrics, baselines, champion, anchor } = evaluation;
  const logistic = baselines?.logistic;
  return [
    ...intervalLines(metrics.judging),
    ...differs('the base rate alone', baselines?.baseRate.difference, baselines?.baseRate.logLoss),
    ...differs('logistic regression', logistic?.difference, logistic?.metrics.logLoss),
    ...differs(`champion ${champion?.version}`, champion?.difference, champion?.metrics.logLoss),
    ...differs(`anchor ${anchor?.version}`, anchor?.difference, anchor?.logLoss),
    ...costLines(evaluation),
    ...checkLines('scores', evaluation.scoreChecks),
    ...checkLines('data', evaluation.dataChecks),
  ];
}

const NAMES: Readonly<Record<string, readonly [name: string, digits: number]>> = {
  logLoss: ['log-loss', 5],
  rocAuc: ['ROC-AUC', 4],
  calibrationRatio: ['predicted / observed', 3],
};

function intervalLines(judged: Judged): string[] {
  const intervals = new Map(Object.entries(judged?.intervals ?? {}));
  const told = Object.entries(NAMES).flatMap(([field, [name, digits]]) => {
    const interval = intervals.get(field);
    return interval
      ? [`${name} ${figure(interval.lower95, digits)} to ${figure(interval.upper95, digits)}`]
      : [];
  });
  return told.length === 0 ? [] : [`95 % intervals: ${told.join(', ')}`];
}

function differs(
  from: string,
  difference: BootstrapInterval | undefined,
  logLoss: number | undefined,
): string[] {
  if (!difference || logLoss === undefined) return [];
  const { estimate, lower95, upper95 } = difference;
  return [
    `log-loss minus that of ${from} (${figure(logLoss, 5)}): ${signed(estimate)}, ` +
      `95 % interval ${signed(lower95)} to ${signed(upper95)}`,
  ];
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toFixed(5)}`;
}

function costLines({ bytes, latencyMicros }: EvaluationReport): string[] {
  const costs = [
    ...(bytes === undefined ? [] : [`${count(bytes)} bytes`]),
    ...(latencyMicros === undefined ? [] : [`${figure(latencyMicros / 1000, 3)} ms to score a row`]),
  ];
  return costs.length === 0 ? [] : [`the model: ${costs.join(', ')}`];
}

function checkLines(what: string, findings: EvaluationReport['scoreChecks']): string[] {
  return (findings ?? []).map(
    ({ code, severity, column, words }) =>
      `check of ${what}: ${code}${column === undefined ? '' : ` (${column})`}, ${severity}: ${words}`,
  );
}

/** Predicted and observed share of goals, from the lowest scores to the highest; empty if it was not measured. */
export function reliabilityTable(judged: Judged, out: Output): string {
  const bins = judged?.reliability ?? [];
  if (bins.length === 0) return '';
  return renderTable<ReliabilityBin>(
    [
      { title: 'predicted', of: ({ predicted }) => percent(predicted, 3), align: 'right' },
      { title: 'observed', of: ({ observed }) => percent(observed, 3), align: 'right' },
      {
        title: '95 % interval',
        of: ({ lower95, upper95 }) => `${percent(lower95, 3)} to ${percent(upper95, 3)}`,
        align: 'right',
      },
      { title: 'rows', of: ({ rows }) => count(rows), align: 'right' },
      { title: 'goals', of: ({ goals }) => count(goals), align: 'right' },
    ],
    bins,
    { width: out.width },
  );
}
