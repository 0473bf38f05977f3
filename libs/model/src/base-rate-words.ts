import type { Report } from './report';

/** How the share of goals has moved, in a sentence; undefined if nothing is known of it. */
export function baseRateWords({ baseRateChange }: Pick<Report, 'baseRateChange'>): string | undefined {
  if (!baseRateChange) return undefined;
  const { window, outOfTime, ratio } = baseRateChange;
  const percent = (share: number): string => `${(100 * share).toFixed(3)} %`;
  return (
    `In the training window ${percent(window)} of all visits reached the goal, on the days after it ` +
    `${percent(outOfTime)}: ${ratio.toFixed(3)} times as many.`
  );
}
