import { FIRST_FAMILY } from '@factory/domain';
import { describeMoment } from '../feature-moment';
import type { Lineage } from '../manifest';
import type { Report } from '../report';
import type { WindowComparison } from '../report-windows';
import type { CardInput } from './card-input';
import { markdownText } from './markdown-text';

/** Which visits, which columns, which trial of how many. */
export function trainedOn({ lineage, report, transform }: CardInput): string[] {
  const { window } = lineage;
  const { candidate } = report;
  const columns = transform.features.map(({ column }) => markdownText(column));
  const dropped = transform.dropped.filter(({ output }) => output === undefined);
  const family = candidate.family ?? FIRST_FAMILY;
  return [
    `${visitsOf(window)}, of which ${rowsOf(report) ?? transform.rows} rows were trained on. ${heldBack(window)}`,
    ...(report.windows ? chosenAmong(report.windows, transform.rows) : outOfRange(window)),
    `${columns.length} columns make ${transform.outputs.length} inputs: ${columns.join(', ')}.`,
    ...describeMoment(lineage.featureMoment).map(markdownText),
    dropped.length === 0
      ? 'No column was left out.'
      : `Left out: ${dropped.map(({ column, reason }) => `${markdownText(column)} (${reason})`).join(', ')}.`,
    `${family.charAt(0).toUpperCase()}${family.slice(1)}: trial ${candidate.trial}, ${candidate.parameters} parameters, ` +
      `${JSON.stringify(candidate.combination)}. The logit was shifted by ` +
      `${candidate.priorShift.toFixed(4)} to undo the drawing of visits, so scores are true shares.`,
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

/** Of a model that was trained on one of several windows: the transform was fitted on the longest. */
function rowsOf({ windows, metrics }: Report): number | undefined {
  return windows && metrics.train?.rows;
}

const WHY = {
  longest: 'no shorter one was surely better',
  fresher: 'longer ones were surely worse',
  'too-few-goals': 'there were too few goals to compare them by, so the sales volume chose',
} as const satisfies Record<WindowComparison['reason'], string>;

function chosenAmong({ reason, rows, goals, compared }: WindowComparison, transformRows: number): string[] {
  const days = compared.map((one) => one.days).join(', ');
  return [
    `That is one of the windows that were trained and compared, of ${days} days: ${WHY[reason]} ` +
      `(${rows} out-of-time rows with ${goals} goals, which do not judge the model). Columns were prepared, and the ` +
      `profile was made, on the longest: ${transformRows} rows.`,
  ];
}

/** The rule may have taken less than what was asked for; reports from before that was recorded do not say. */
function outOfRange(window: Window): string[] {
  const { rangeStart } = window;
  if (typeof rangeStart !== 'string' || rangeStart >= window.start) return [];
  return [
    `That is the latest part of the range that was asked for, from ${rangeStart} on, that sells enough.`,
  ];
}
