import { DEFAULT_VERDICT_RULES, judge } from '@factory/judgement';
import {
  bootstrapScores,
  estimateCalibrationSlope,
  logLosses,
  logLoss,
  pairedBootstrap,
  calibrationRatio,
  weightedMean,
} from '@factory/metrics';

/**
 * @import { CandidateFigures, ChampionFigures, Judgement } from '@factory/judgement'
 * @import { JudgedVisits } from './population.mjs'
 *
 * @typedef {object} Compared all inputs of a verdict, except the champion's age and earlier promotions
 * @property {CandidateFigures} candidate
 * @property {Omit<ChampionFigures, 'ageDays' | 'unproven'>} champion
 * @property {number} goals
 */

/** The candidate's own figures, which are far from their limits here. */
const OWN_SAMPLES = 100;

/**
 * Compares the first model of the visits with the second.
 *
 * @param {JudgedVisits} visits
 * @param {number} seed
 * @returns {Compared}
 */
export function compare({ scores, labels, weights, groups }, seed) {
  const [challenger = new Float64Array(), champion = new Float64Array()] = scores;
  const base = new Float64Array(labels.length).fill(weightedMean(labels, weights));
  const lossA = logLosses(challenger, labels);
  const own = bootstrapScores(
    { scores: challenger, labels, weights, groups },
    { seed, samples: OWN_SAMPLES },
  );
  /** @param {Float64Array} other @param {number} [samples] */
  const against = (other, samples) =>
    pairedBootstrap({
      lossA,
      lossB: logLosses(other, labels),
      weights,
      groups,
      seed,
      ...(samples === undefined ? {} : { samples }),
    });
  return {
    candidate: {
      rocAuc: own.rocAuc.estimate,
      calibrationRatio: own.calibrationRatio,
      calibrationSlope: estimateCalibrationSlope(challenger, labels, weights),
      overBaseRate: against(base, OWN_SAMPLES),
    },
    champion: {
      logLoss: logLoss(champion, labels, weights),
      calibrationRatio: calibrationRatio(champion, labels, weights),
      difference: against(champion),
    },
    goals: labels.reduce((sum, label) => sum + label, 0),
  };
}

/**
 * @param {Compared} compared
 * @param {Pick<ChampionFigures, 'ageDays' | 'unproven'>} before
 * @returns {Judgement}
 */
export function verdictOf({ candidate, champion, goals }, before) {
  return judge(
    {
      candidate: { family: 'network', figures: candidate, parameters: 1000, bytes: 1000 },
      judging: { goals, reused: false },
      champion: { ...champion, ...before },
    },
    DEFAULT_VERDICT_RULES,
  );
}
