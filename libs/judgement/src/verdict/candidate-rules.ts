import { finding, short, skipped, type Finding } from './finding';
import type { CandidateFigures, VerdictInputs } from './verdict-inputs';
import type { VerdictRules } from './verdict-rules';

type CandidateRule = (figures: CandidateFigures, inputs: VerdictInputs, rules: VerdictRules) => Finding;

/** What rejects a candidate on its own figures, in this order (rules R8). */
const REJECTIONS: readonly CandidateRule[] = [
  ({ rocAuc }, _, { minRocAuc }) =>
    finding(
      'ranks',
      rocAuc >= minRocAuc,
      rocAuc,
      minRocAuc,
      `ROC-AUC is ${short(rocAuc)}; at least ${short(minRocAuc)} is asked for.`,
    ),
  ({ overBaseRate }) =>
    finding(
      'beats-base-rate',
      overBaseRate.upper95 < 0 && overBaseRate.estimate < 0,
      overBaseRate.upper95,
      0,
      `Log-loss minus that of always saying the base rate is ${short(overBaseRate.estimate)} nats, surely at most ` +
        `${short(overBaseRate.upper95)}; it must surely be below 0.`,
    ),
  ({ rocAuc, calibrationSlope }, _, { suspectRocAuc }) =>
    finding(
      'suspect-leak',
      rocAuc < suspectRocAuc && calibrationSlope !== 'separated',
      calibrationSlope === 'separated' ? calibrationSlope : rocAuc,
      suspectRocAuc,
      calibrationSlope === 'separated'
        ? 'One cut of the scores tells all goals from all others: a feature holds the goal.'
        : `ROC-AUC is ${short(rocAuc)}; from ${short(suspectRocAuc)} on a feature is suspected of holding the goal.`,
    ),
  (_, { candidate, logistic }, { logisticTolerance }) => {
    const rule = 'beats-logistic';
    if (candidate.family === 'logistic') return skipped(rule, 'The candidate is logistic regression itself.');
    if (!logistic) return skipped(rule, 'No logistic regression was fitted to compare with.');
    const { lower95, estimate } = logistic.difference;
    return finding(
      rule,
      lower95 <= logisticTolerance,
      lower95,
      logisticTolerance,
      `Log-loss minus that of logistic regression is ${short(estimate)} nats, surely at least ${short(lower95)}; ` +
        `above ${short(logisticTolerance)} the simpler model is surely better.`,
    );
  },
  ({ calibrationRatio }, { champion }, rules) => {
    const { from, to } = rules.calibrationRatio;
    const outside = calibrationRatio.upper95 < from || calibrationRatio.lower95 > to;
    const off = Math.abs(Math.log(calibrationRatio.estimate));
    const closer = champion !== undefined && off < Math.abs(Math.log(champion.calibrationRatio));
    return finding(
      'calibrated',
      !outside || closer,
      calibrationRatio.estimate,
      `${short(from)} to ${short(to)}`,
      `Predicted over observed goals is ${short(calibrationRatio.estimate)} (95 % interval ` +
        `${short(calibrationRatio.lower95)} to ${short(calibrationRatio.upper95)}); it must reach into ` +
        `${short(from)} to ${short(to)}${outside && closer ? ', but the champion is further off' : ''}.`,
    );
  },
  (_, { candidate: { parameters } }, { maxParameters }) =>
    finding(
      'parameters',
      parameters <= maxParameters,
      parameters,
      maxParameters,
      `The model has ${parameters} parameters; ${maxParameters} are allowed.`,
    ),
  (_, { candidate: { bytes } }, { maxBytes }) =>
    finding(
      'bytes',
      bytes <= maxBytes,
      bytes,
      maxBytes,
      `The bundle has ${bytes} bytes; ${maxBytes} are allowed.`,
    ),
];

/** What is only worth a warning. */
const WARNINGS: readonly CandidateRule[] = [
  (_, { candidate: { latencyMs } }, { warnLatencyMs }) =>
    latencyMs === undefined
      ? skipped('latency', 'Scoring was not timed.')
      : finding(
          'latency',
          latencyMs <= warnLatencyMs,
          latencyMs,
          warnLatencyMs,
          `Scoring a row takes ${short(latencyMs)} ms; up to ${short(warnLatencyMs)} ms are expected.`,
        ),
  (_, { candidate, logistic }) => {
    const rule = 'logistic-better';
    if (candidate.family === 'logistic' || !logistic)
      return skipped(rule, 'There is nothing to compare with.');
    const { lower95, estimate } = logistic.difference;
    return finding(
      rule,
      lower95 <= 0,
      lower95,
      0,
      `Log-loss minus that of logistic regression is ${short(estimate)} nats, surely at least ${short(lower95)}: above 0 ` +
        'the simpler model is surely better.',
    );
  },
  ({ rocAuc }, { logistic }) =>
    logistic === undefined
      ? skipped('logistic-ranks', 'No logistic regression was fitted to compare with.')
      : finding(
          'logistic-ranks',
          logistic.rocAuc <= rocAuc,
          rocAuc,
          logistic.rocAuc,
          `ROC-AUC is ${short(rocAuc)}, that of logistic regression ${short(logistic.rocAuc)}.`,
        ),
];

/** What the candidate's own figures say: the first failed rejection decides. */
export function lookAtCandidate(
  figures: CandidateFigures,
  inputs: VerdictInputs,
  rules: VerdictRules,
): { readonly rejections: readonly Finding[]; readonly warnings: readonly Finding[] } {
  return {
    rejections: REJECTIONS.map((rule) => rule(figures, inputs, rules)),
    warnings: WARNINGS.map((rule) => rule(figures, inputs, rules)),
  };
}
