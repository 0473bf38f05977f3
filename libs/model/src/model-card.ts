import { FIRST_FAMILY } from '@factory/domain';
import type { Metrics } from '@factory/metrics';
import type { Transform } from '@factory/normalisation';
import { describeMoment, momentLimits } from './feature-moment';
import type { Lineage } from './manifest';
import type { Report } from './report';

export interface CardInput {
  readonly version: string;
  readonly createdAt: string;
  readonly lineage: Lineage;
  readonly report: Report;
  readonly transform: Transform;
}

/**
 * `card.md`: what a person should know before using the model.
 * Source of its sections: Mitchell et al. 2019, "Model Cards for Model Reporting".
 */
export function modelCard(input: CardInput): string {
  const { lineage, report, version, createdAt } = input;
  return `${[
    `# ${lineage.source} product ${lineage.product}: how likely a visit ends in "${lineage.goal}"`,
    `Version ${version}, made ${createdAt} by run ${lineage.run} (code ${lineage.codeVersion}).`,
    '## What it was trained on',
    ...trainedOn(input),
    '## How it does',
    ...howItDoes(report),
    '## When not to use it',
    ...whenNot(input),
  ].join('\n\n')}\n`;
}

function trainedOn({ lineage, report, transform }: CardInput): string[] {
  const { window } = lineage;
  const columns = transform.features.map(({ column }) => column);
  const dropped = transform.dropped.filter(({ output }) => output === undefined);
  return [
    `${visitsOf(window)}, of which ${transform.rows} rows were trained on. ${heldBack(window)}`,
    ...outOfRange(window),
    `${columns.length} columns make ${transform.outputs.length} inputs: ${columns.join(', ')}.`,
    ...describeMoment(lineage.featureMoment),
    dropped.length === 0
      ? 'No column was left out.'
      : `Left out: ${dropped.map(({ column, reason }) => `${column} (${reason})`).join(', ')}.`,
    `${capitalised(report.candidate.family ?? FIRST_FAMILY)}: trial ${report.candidate.trial}, ${report.candidate.parameters} parameters, ` +
      `${JSON.stringify(report.candidate.combination)}. The logit was shifted by ` +
      `${report.candidate.priorShift.toFixed(4)} to undo the drawing of visits, so scores are true shares.`,
  ];
}

type Window = Lineage['window'];

function visitsOf({ noTime, start, trainEnd, days, sales }: Window): string {
  if (noTime) return `All visits, of which nobody knows when they were (${sales} goals)`;
  return `Visits from ${start} up to ${trainEnd} (${days} days, ${sales} goals)`;
}

function heldBack({ noTime, trainEnd, end }: Window): string {
  const unknown = 'how it does on days it has not seen is not known.';
  if (noTime) return `No time: there is no out-of-time part, and ${unknown}`;
  if (trainEnd === end) return `No days were held back (outOfTimeDays is 0): ${unknown}`;
  return `Visits from ${trainEnd} up to ${end} were held back to see how it does on days it has not seen.`;
}

/** The rule may have taken less than what was asked for; reports from before that was recorded do not say. */
function outOfRange(window: Window): string[] {
  const { rangeStart } = window;
  if (typeof rangeStart !== 'string' || rangeStart >= window.start) return [];
  return [
    `That is the latest part of the range that was asked for, from ${rangeStart} on, that sells enough.`,
  ];
}

const FIGURES: readonly (readonly [string, (metrics: Metrics) => string])[] = [
  ['rows', ({ rows }) => String(rows)],
  ['goals', ({ goals }) => String(goals)],
  ['base rate', ({ baseRate }) => percent(baseRate)],
  ['ROC-AUC', ({ rocAuc }) => rocAuc.toFixed(4)],
  ['PR-AUC', ({ prAuc }) => prAuc.toFixed(4)],
  ['log-loss', ({ logLoss }) => logLoss.toFixed(5)],
  ['lift at 5 %', ({ liftAt5 }) => liftAt5.toFixed(2)],
  ['lift at 20 %', ({ liftAt20 }) => liftAt20.toFixed(2)],
  ['predicted / observed', ({ calibrationRatio }) => calibrationRatio.toFixed(3)],
];

function howItDoes({ judging, metrics, verdict, champion, warnings }: Report): string[] {
  const parts = [
    ['learnt', metrics.train],
    ['test', metrics.test],
    ['out of time', metrics.outOfTime],
    ['judging', metrics.judging],
    [`champion ${champion?.version}`, champion?.metrics],
  ] as const;
  const shown = parts.flatMap(([name, one]) => (one ? [{ name, one }] : []));
  const table = [
    `| | ${shown.map(({ name }) => name).join(' | ')} |`,
    `|---|${shown.map(() => '---|').join('')}`,
    ...FIGURES.map(([name, show]) => `| ${name} | ${shown.map(({ one }) => show(one)).join(' | ')} |`),
  ].join('\n');
  const reasons = verdict.reasons.map(
    ({ rule, figure, limit, result }) =>
      `- ${rule}: ${figure ?? 'none'} against ${limit ?? 'none'}: ${result}`,
  );
  return [
    `Judged on ${judging.rows} ${judging.part} rows with ${judging.goals} goals: ${judging.reason}`,
    table,
    `Verdict: ${verdict.decision}.`,
    ...(reasons.length > 0 ? [reasons.join('\n')] : []),
    ...(warnings.length > 0 ? [warnings.map((warning) => `- Warning: ${warning}`).join('\n')] : []),
  ];
}

function whenNot({ lineage, report }: CardInput): string[] {
  return [
    [
      `- For another product, source or goal than ${lineage.source}, ${lineage.product}, ${lineage.goal}.`,
      '- For single decisions about a person that need a reason: it ranks visits, it does not explain them.',
      '- With values from after the moment of scoring: it learnt from what was known at the visit.',
      `- When the share of goals has left the neighbourhood of ${percent(report.baseRate)} or columns have changed ` +
        'their meaning: retrain first.',
      ...momentLimits(lineage.featureMoment),
      '- With a loader that does not reproduce golden.json.',
    ].join('\n'),
  ];
}

/** The name of a family at the start of a sentence. */
function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(3)} %`;
}
