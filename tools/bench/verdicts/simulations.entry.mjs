import { compare, verdictOf } from './judged.mjs';
import { TrueLosses, drawJudged, randomOf } from './population.mjs';

/** Standard deviation of a typical model's error in the log-odds. */
const USUAL_ERROR = 0.5;
const POOL = 200_000;
const WEEKS = 52;

/**
 * Pairs of a challenger and a champion whose log-losses truly differ by a share of the champion's.
 *
 * @param {{goals: number, differs: number, replications: number}} setting
 * @returns {{better: number, fresher: number, stale: number}} shares that were promoted: `better`: with proof;
 *   `fresher` and `stale`: for any reason, against a champion of 21 and of 35 days
 */
export function pairs({ goals, differs, replications }) {
  const losses = new TrueLosses(POOL);
  const deviations = [losses.deviationOf(losses.of(USUAL_ERROR) * (1 + differs)), USUAL_ERROR];
  const promoted = { better: 0, fresher: 0, stale: 0 };
  for (let seed = 1; seed <= replications; seed++) {
    const compared = compare(drawJudged(goals, deviations, seed), seed);
    /** @param {number} ageDays */
    const promotes = (ageDays) => verdictOf(compared, { ageDays, unproven: [] }).verdict === 'promote';
    if (promotes(7)) promoted.better++;
    if (promotes(21)) promoted.fresher++;
    if (promotes(35)) promoted.stale++;
  }
  return {
    better: promoted.better / replications,
    fresher: promoted.fresher / replications,
    stale: promoted.stale / replications,
  };
}

/**
 * A year of weekly retrains of one product, each judged on fresh rows. `steady`: challengers are typical models, slightly
 * better or worse. `creeping`: each is worse than the champion in force, by less than the margin can detect.
 *
 * @param {{goals: number, kind: 'steady' | 'creeping', seed: number}} setting
 * @returns {{last: number, worst: number, better: number, fresher: number, stale: number, creeping: number}} `last`,
 *   `worst`: how much worse the champion was than the mean challenger (creeping: than the first champion), as a share
 *   of the log-loss, at the end and at most; how often each reason was given
 */
export function year({ goals, kind, seed }) {
  const losses = new TrueLosses(POOL / 10);
  const { normal } = randomOf(seed);
  const usual = losses.of(USUAL_ERROR);
  const told = { better: 0, fresher: 0, stale: 0, creeping: 0 };
  let champion = { loss: usual, week: 0 };
  /** @type {number[]} */
  let unproven = [];
  let worst = 0;
  for (let week = 1; week <= WEEKS; week++) {
    const loss = kind === 'steady' ? usual * (1 + 0.005 * normal()) : champion.loss * 1.002;
    const deviations = [losses.deviationOf(loss), losses.deviationOf(champion.loss)];
    const compared = compare(drawJudged(goals, deviations, 1000 * seed + week), week);
    const { verdict, reason } = verdictOf(compared, { ageDays: 7 * (week - champion.week), unproven });
    if (reason in told) told[/** @type {keyof typeof told} */ (reason)]++;
    if (verdict === 'promote') {
      champion = { loss, week };
      unproven = reason === 'better' ? [] : [...unproven, compared.champion.difference.estimate];
    }
    worst = Math.max(worst, champion.loss / usual - 1);
  }
  return { last: champion.loss / usual - 1, worst, ...told };
}
