import type { BootstrapInterval, Metrics } from '@factory/metrics';
import type { Report } from '../report';
import { markdownText } from './markdown-text';

interface Figure {
  readonly name: string;
  readonly show: (metrics: Metrics) => string;
  /** Its interval among those of the judging rows. */
  readonly interval?: string;
}

const FIGURES: readonly Figure[] = [
  { name: 'rows', show: ({ rows }) => String(rows) },
  { name: 'goals', show: ({ goals }) => String(goals) },
  { name: 'base rate', show: ({ baseRate }) => `${(100 * baseRate).toFixed(3)} %` },
  { name: 'ROC-AUC', show: ({ rocAuc }) => rocAuc.toFixed(4), interval: 'rocAuc' },
  { name: 'PR-AUC', show: ({ prAuc }) => prAuc.toFixed(4) },
  { name: 'log-loss', show: ({ logLoss }) => logLoss.toFixed(5), interval: 'logLoss' },
  { name: 'normalised entropy', show: ({ normalisedEntropy }) => normalisedEntropy.toFixed(4) },
  { name: 'lift at 5 %', show: ({ liftAt5 }) => liftAt5.toFixed(2) },
  { name: 'lift at 20 %', show: ({ liftAt20 }) => liftAt20.toFixed(2) },
  {
    name: 'predicted / observed',
    show: ({ calibrationRatio }) => calibrationRatio.toFixed(3),
    interval: 'calibrationRatio',
  },
];

/** Figures of every part beside those of what it is held against, and the verdict with its reasons. */
export function howItDoes({
  judging,
  metrics,
  verdict,
  champion,
  baselines,
  warnings,
  dataChecks,
  scoreChecks,
}: Report): string[] {
  const intervals = metrics.judging?.intervals && new Map(Object.entries(metrics.judging.intervals));
  const parts = [
    ['learnt', metrics.train],
    ['test', metrics.test],
    ['out of time', metrics.outOfTime],
    ['judging', metrics.judging],
    ['logistic regression', baselines?.logistic?.metrics],
    [`champion ${champion?.version}`, champion?.metrics],
  ] as const;
  const shown = parts.flatMap(([name, one]) => (one ? [{ name, one }] : []));
  const columns = [...shown.map(({ name }) => name), ...(intervals ? ['95 % interval of judging'] : [])];
  const table = [
    `| | ${columns.join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`,
    ...FIGURES.map(({ name, show, interval }) => {
      const cells = [name, ...shown.map(({ one }) => show(one))];
      const sure = interval === undefined ? undefined : intervals?.get(interval);
      return `| ${[...cells, ...(intervals ? [sure ? ends(sure) : ''] : [])].join(' | ')} |`;
    }),
  ].join('\n');
  const found = [...(dataChecks ?? []), ...(scoreChecks ?? [])].map(({ words }) => words);
  const told = [...(verdict.alerts ?? []), ...(verdict.warnings ?? []), ...found, ...warnings];
  return [
    `Judged on ${judging.rows} ${judging.part} rows with ${judging.goals} goals: ${judging.reason}`,
    table,
    ...comparisons(champion, baselines),
    `Verdict: ${verdict.decision}.${verdict.words ? ` ${markdownText(verdict.words)}` : ''}`,
    ...list(verdict.reasons.map(reasonOf)),
    ...list(told.map((warning) => `Warning: ${markdownText(warning)}`)),
  ];
}

function comparisons(champion: Report['champion'], baselines: Report['baselines']): string[] {
  return list([
    ...(baselines
      ? [`Log-loss minus that of the base rate: ${withEnds(baselines.baseRate.difference)}.`]
      : []),
    ...(baselines?.logistic
      ? [`Log-loss minus that of logistic regression: ${withEnds(baselines.logistic.difference)}.`]
      : []),
    ...(champion?.difference ? [`Log-loss minus the champion's: ${withEnds(champion.difference)}.`] : []),
  ]);
}

function reasonOf({ rule, figure, limit, result, words }: Report['verdict']['reasons'][number]): string {
  if (words) return `${rule} ${result}: ${markdownText(words)}`;
  return `${rule}: ${figure ?? 'none'} against ${limit ?? 'none'}: ${result}`;
}

function list(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [lines.map((one) => `- ${one}`).join('\n')];
}

function withEnds(interval: BootstrapInterval): string {
  return `${interval.estimate.toFixed(5)} (95 % interval ${ends(interval)})`;
}

function ends({ lower95, upper95 }: BootstrapInterval): string {
  return `${lower95.toFixed(5)} to ${upper95.toFixed(5)}`;
}
