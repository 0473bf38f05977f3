import type { ModelKey } from '@factory/domain';
import type { CheckFinding } from './finding';
import { stopReason, stopsOf } from './overrule';

/** How a run ends that its data stops. */
export interface Rejection {
  readonly outcome: 'rejected';
  /** The codes of what was found. */
  readonly reason: string;
  /** The findings in words, and how it could go on. */
  readonly details: { readonly message: string };
}

/** Findings in words that a run's end holds; all of them are stored with the run. */
const MOST_WORDS = 5;

/** The end of a run with these findings; undefined if none of them stops it. */
export function rejectionOf(
  { source, product, goal }: ModelKey,
  findings: readonly CheckFinding[],
): Rejection | undefined {
  const reason = stopReason(findings);
  if (reason === undefined) return undefined;
  const stops = stopsOf(findings);
  const words = stops.slice(0, MOST_WORDS).map((one) => one.words);
  const more = stops.length - words.length;
  const overrules = [...new Set(stops.map(({ code }) => `--overrule ${code}`))].join(' ');
  const todo =
    'Correct the data and request the run again; or, if it is right as it is: ' +
    `\`factory retrain --product ${product} --source ${source} --goal ${goal} ${overrules} --reason "..."\``;
  const message = [...words, ...(more > 0 ? [`And ${more} more.`] : []), todo].join(' ');
  return { outcome: 'rejected', reason, details: { message } };
}
