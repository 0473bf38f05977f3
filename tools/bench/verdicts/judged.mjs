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
 * @typedef {object} Compared all inputs of a verdict, except the champion's age and whether the rows are reused
 * @property {CandidateFigures} candidate
 * @property {Omit<ChampionFigures, 'ageDays'>} champion
 * @property {number} goals
 */

/** The candidate's own figures, which are far from their limits here. */
const OWN_SAMPLES = 100;

/**
 * Compares the first model of the visits with the second, the champion, and with the third, its anchor, if there is one.
 *
 * @param {JudgedVisits} visits
 * @param {number} seed
 * @returns {Compared}
 */
export function compare({ scores, labels, weights, groups }, seed) {
  const [challenger = new Float64Array(), champion = new Float64Array(), anchor] = scores;
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
      ...(anchor
        ? { anchor: { logLoss: logLoss(anchor, labels, weights), difference: against(anchor) } }
        : {}),
    },
    goals: labels.reduce((sum, label) => sum + label, 0),
  };
}

/**
 * @param {Compared} compared
 * @param {{ageDays: number, reused?: boolean}} circumstances
 * @returns {Judgement}
 */
export function verdictOf({ candidate, champion, goals }, { ageDays, reused = false }) {
  return judge(
    {
      candidate: { family: 'network', figures: candidate, parameters: 1000, bytes: 1000 },
      judging: { goals, reused },
      champion: { ...champion, ageDays },
    },
    DEFAULT_VERDICT_RULES,
  );
}
