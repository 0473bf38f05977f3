import type { Metrics } from '@factory/metrics';
import { baseRateWords } from '@factory/model';
import { count, figure, percent } from './format';
import type { Output } from './output';
import type { EvaluationReport } from '@factory/fleet';
import { comparisonLines, reliabilityTable } from './render-comparison';
import { renderWindows } from './render-windows';
import { renderTable, type Column } from './table';

type Figure = readonly [title: string, of: (metrics: Metrics) => string];

const FIGURES: readonly Figure[] = [
  ['rows', ({ rows }) => count(rows)],
  ['goals', ({ goals }) => count(goals)],
  ['base rate', ({ baseRate }) => percent(baseRate, 3)],
  ['auc', ({ rocAuc }) => figure(rocAuc)],
  ['pr-auc', ({ prAuc }) => figure(prAuc)],
  ['log-loss', ({ logLoss }) => figure(logLoss, 5)],
  ['normalised entropy', ({ normalisedEntropy }) => figure(normalisedEntropy)],
  ['brier', ({ brier }) => figure(brier, 5)],
  ['lift at 5 %', ({ liftAt5 }) => figure(liftAt5, 2)],
  ['lift at 20 %', ({ liftAt20 }) => figure(liftAt20, 2)],
  ['predicted / observed', ({ calibrationRatio }) => figure(calibrationRatio, 3)],
  [
    'calibration slope',
    ({ calibrationSlope: slope }) => (typeof slope === 'number' ? figure(slope, 3) : slope),
  ],
];

/** Candidate and champion on the same judging rows, and the candidate on each part, so that decay is visible. */
export function renderEvaluation(evaluation: EvaluationReport, out: Output): string {
  const { judging, metrics, champion, warnings } = evaluation;
  const on = (title: string, of: Metrics | null | undefined): Column<Figure>[] =>
    of ? [{ title, of: ([, show]) => show(of), align: 'right' }] : [];
  const columns: Column<Figure>[] = [
    { title: '', of: ([title]) => title },
    ...on('candidate', metrics.judging),
    ...on('champion', champion?.metrics),
    ...on('logistic', evaluation.baselines?.logistic?.metrics),
    ...on('train', metrics.train),
    ...on('test', metrics.test),
    ...on('out of time', metrics.outOfTime),
  ];
  const left = judging.leftOut > 0 ? `, ${count(judging.leftOut)} left out` : '';
  return [
    `judged on ${count(judging.rows)} ${judging.part} rows with ${count(judging.goals)} goals${left}: ${judging.reason}`,
    ...(judging.reused ? ['some of these rows judged the champion before: better needs the 99 % bound'] : []),
    ...(judging.half ? [`only half ${judging.half} of the out-of-time visitors judges`] : []),
    ...[baseRateWords(evaluation), evaluation.repair?.words].filter((words) => words !== undefined),
    champion ? `champion ${champion.version}${ageText(champion.ageDays)}` : 'no champion to compare with',
    columns.length > 1
      ? renderTable(columns, FIGURES, { width: out.width })
      : 'its scores are not numbers: no figures',
    ...comparisonLines(evaluation),
    ...[reliabilityTable(metrics.judging, out)].filter((table) => table !== ''),
    ...(evaluation.windows ? [renderWindows(evaluation.windows, out)] : []),
    ...warnings.map((warning) => `warning: ${warning}`),
  ].join('\n');
}

function ageText(days: number | undefined): string {
  return days === undefined ? '' : `, ${figure(days, 1)} days old`;
}
