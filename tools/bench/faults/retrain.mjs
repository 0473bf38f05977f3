import { checkData, DEFAULT_CHECK_LIMITS, passesOf, profileDataset, recentRowsOf } from '@factory/judgement';
import { countSeries, drawSeries } from '@factory/simulator';

/**
 * @import { CheckFinding } from '@factory/judgement'
 * @import { Profile } from '@factory/model'
 * @import { Series } from '@factory/simulator'
 */

const DAY_MS = 86_400_000;
/** Days of a training window, and of the out-of-time part after it. */
export const WINDOW_DAYS = 42;
export const OUT_OF_TIME_DAYS = 7;

/**
 * The dataset that sampling would draw for a run whose range ends at `end`.
 *
 * @param {Series} series
 * @param {number} end midnight UTC, milliseconds
 */
function datasetOf(series, end) {
  const trainEnd = end - OUT_OF_TIME_DAYS * DAY_MS;
  return {
    trainEnd,
    dataset: drawSeries(series, { from: trainEnd - WINDOW_DAYS * DAY_MS, to: end, trainEnd, seed: 'faults' }),
  };
}

/**
 * The profile in a champion's bundle.
 *
 * @param {Series} series
 * @param {number} end of the champion's range
 * @returns {Profile}
 */
export function championOf(series, end) {
  const { dataset, trainEnd } = datasetOf(series, end);
  return profileDataset(passesOf(dataset), { marks: ['train', 'validation'], to: trainEnd, end });
}

/**
 * The findings of a retrain's checks.
 *
 * @param {Series} series at the time of the retrain
 * @param {number} end of the retrain's range
 * @param {Profile} champion
 * @returns {{findings: CheckFinding[], chances: {code: string, p: number}[]}} chances: of every test, significant or not
 */
export function checkRetrain(series, end, champion) {
  const newFrom = Date.parse(champion.end);
  const { dataset, trainEnd } = datasetOf(series, end);
  const from = Math.min(trainEnd - WINDOW_DAYS * DAY_MS, newFrom - WINDOW_DAYS * DAY_MS);
  const passes = passesOf(dataset);
  const recent = recentRowsOf(champion, passes);
  const { findings, checked } = checkData(
    {
      days: countSeries(series, from, end),
      newFrom,
      dataset: profileDataset(passes, { marks: ['train', 'validation'] }),
      comparison: { champion, ...(recent ? { recent } : {}) },
    },
    DEFAULT_CHECK_LIMITS,
  );
  return {
    findings,
    chances: checked.flatMap(({ code, p }) => (p === undefined ? [] : [{ code, p }])),
  };
}
