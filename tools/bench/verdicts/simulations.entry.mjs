import { compare, verdictOf } from './judged.mjs';
import { TrueLosses, drawVisits, joined, randomOf, scoresOf } from './population.mjs';

/** Standard deviation of a typical model's error in the log-odds. */
const USUAL_ERROR = 0.5;
const POOL = 200_000;
const WEEKS = 52;
/** Of the window whose test rows judge when a week alone has too few goals. */
const WINDOW_WEEKS = 13;

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
    const visits = drawVisits(goals, seed);
    const scores = deviations.map((deviation, model) => scoresOf(visits, deviation, 2 * seed + model));
    const compared = compare({ ...visits, scores }, seed);
    /** @param {number} ageDays */
    const promotes = (ageDays) => verdictOf(compared, { ageDays }).verdict === 'promote';
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
 * A year of weekly retrains of one product.
 * `steady`: challengers are typical models, slightly better or worse, each judged on rows of its own.
 * `creeping`: each challenger is worse than the champion in force, by less than a week's rows can tell.
 * `reused`: like `steady`, but judged on the test rows of the last quarter: most judged the weeks before, too.
 *
 * @param {{goals: number, kind: 'steady' | 'creeping' | 'reused', seed: number}} setting `goals` among the rows that judge
 * @returns {{last: number, worst: number, better: number, fresher: number, stale: number, creeping: number}} `last`,
 *   `worst`: how much worse the champion was than the mean challenger (creeping: than the first champion), as a share
 *   of the log-loss, at the end and at most; how often each reason was given
 */
export function year({ goals, kind, seed }) {
  const losses = new TrueLosses(POOL / 10);
  const { normal } = randomOf(seed);
  const usual = losses.of(USUAL_ERROR);
  const told = { better: 0, fresher: 0, stale: 0, creeping: 0 };
  const first = { loss: usual, week: 0 };
  /** @type {{champion: typeof first, anchor: typeof first | null}} */
  let inForce = { champion: first, anchor: null };
  let worst = 0;
  const weeks = Array.from({ length: kind === 'reused' ? WINDOW_WEEKS : 1 }, (_, at) =>
    drawVisits(goals / (kind === 'reused' ? WINDOW_WEEKS : 1), 1000 * seed - at),
  );
  for (let week = 1; week <= WEEKS; week++) {
    const { champion, anchor } = inForce;
    weeks.shift();
    weeks.push(drawVisits(kind === 'reused' ? goals / WINDOW_WEEKS : goals, 1000 * seed + week));
    const loss = kind === 'creeping' ? champion.loss * 1.002 : usual * (1 + 0.005 * normal());
    const challenger = { loss, week };
    const scores = [challenger, champion, ...(anchor ? [anchor] : [])].map((model) =>
      concatenated(
        weeks.map((visits, at) =>
          // A model gives a visit the same score each time it is judged.
          scoresOf(
            visits,
            losses.deviationOf(model.loss),
            seedOf(seed, model.week, week - weeks.length + 1 + at),
          ),
        ),
      ),
    );
    const compared = compare({ ...joined(weeks), scores }, week);
    const ageDays = 7 * (week - champion.week);
    const judgement = verdictOf(compared, { ageDays, reused: kind === 'reused' });
    const { verdict, reason, proven } = judgement;
    if (reason in told) told[/** @type {keyof typeof told} */ (reason)]++;
    if (verdict === 'promote')
      inForce = { champion: challenger, anchor: proven ? null : (anchor ?? champion) };
    worst = Math.max(worst, inForce.champion.loss / usual - 1);
  }
  return { last: inForce.champion.loss / usual - 1, worst, ...told };
}

/** @param {number} year @param {number} model @param {number} week */
function seedOf(year, model, week) {
  return (year * 1000 + model) * 1000 + week + WINDOW_WEEKS;
}

/** @param {readonly Float64Array[]} parts */
function concatenated(parts) {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
