import { FIRST_FAMILY } from '@factory/domain';
import { describeMoment } from '../feature-moment';
import type { Lineage } from '../manifest';
import type { CardInput } from './card-input';
import { escaped } from './svg';

/** Which visits, which columns, which trial of how many. */
export function trainedOn({ lineage, report, transform }: CardInput): string[] {
  const { window } = lineage;
  const { candidate } = report;
  const columns = transform.features.map(({ column }) => escaped(column));
  const dropped = transform.dropped.filter(({ output }) => output === undefined);
  const family = candidate.family ?? FIRST_FAMILY;
  return [
    `${visitsOf(window)}, of which ${transform.rows} rows were trained on. ${heldBack(window)}`,
    ...outOfRange(window),
    `${columns.length} columns make ${transform.outputs.length} inputs: ${columns.join(', ')}.`,
    ...describeMoment(lineage.featureMoment).map(escaped),
    dropped.length === 0
      ? 'No column was left out.'
      : `Left out: ${dropped.map(({ column, reason }) => `${escaped(column)} (${reason})`).join(', ')}.`,
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

/** The rule may have taken less than what was asked for; reports from before that was recorded do not say. */
function outOfRange(window: Window): string[] {
  const { rangeStart } = window;
  if (typeof rangeStart !== 'string' || rangeStart >= window.start) return [];
  return [
    `That is the latest part of the range that was asked for, from ${rangeStart} on, that sells enough.`,
  ];
}
