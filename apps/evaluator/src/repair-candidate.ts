import { rowsOf, sigmoid } from '@factory/domain';
import { fitRepair, type RepairDecision } from '@factory/judgement';
import { evaluateScores, weightedMean } from '@factory/metrics';
import { hasDecided, type LogitLine, type Report } from '@factory/model';
import { finiteProbabilitiesOf, judgedRowsOf, probabilitiesOf } from './judged-rows';
import type { JudgementInput } from './judgement-input';
import { decisionRows, judgingRows, type ChampionTimes, type JudgingRows } from './judging-rows';
import { repairWords } from './repair-words';
import type { ScoredVisits } from './score-visits';

type ReportedRepair = NonNullable<Report['repair']>;
type Logits = Pick<ScoredVisits, 'logits'>;

/** A candidate's visits with repaired scores, and the rows that judge it. */
export interface RepairedCandidate {
  /** With the candidate's logits as they are published. */
  readonly visits: ScoredVisits;
  readonly judging: JudgingRows;
  /** Null: half `a` was not looked at. */
  readonly repair: ReportedRepair | null;
}

/**
 * Looks at half `a` of the out-of-time visitors, if the policy wants it and there are enough goals, and puts the logits on
 * the line that is fitted there (rules R6). Once it has been looked at, half `b` judges, whether or not a repair followed;
 * so it does if a window was chosen there.
 */
export function repairCandidate(
  visits: ScoredVisits,
  { repair: policy, repairGoals, minOutOfTimeGoals, windows }: JudgementInput,
  champion: ChampionTimes | undefined,
): RepairedCandidate {
  const all = (): RepairedCandidate => ({
    visits,
    judging: judgingRows(visits, minOutOfTimeGoals, champion, hasDecided(windows) ? 'b' : undefined),
    repair: null,
  });
  if (policy === 'off') return all();
  const { decideOn, judging } = decisionRows(
    visits,
    { all: repairGoals, halfA: 1 },
    minOutOfTimeGoals,
    champion,
  );
  const decision = decideOn && decide(visits, decideOn);
  if (!decision) return all();
  const { fitted } = decision;
  const repaired = fitted ? { ...visits, logits: onLine(visits, fitted) } : visits;
  const before = calibrationOn(visits, visits, judging);
  const after = fitted ? calibrationOn(visits, repaired, judging) : null;
  const words = repairWords(decision, before, after);
  return { visits: repaired, judging, repair: { ...decision, words, before, after } };
}

/** How the share of goals has moved: told apart from what a model makes of it. */
export function baseRateChange(
  visits: ScoredVisits,
  { population }: JudgementInput['counts'],
): Pick<Report, 'baseRateChange'> {
  const { labels, weights } = judgedRowsOf(visits, rowsOf(visits, 'out-of-time'));
  const outOfTime = weightedMean(labels, weights);
  const visitsOfWindow = population.goals + population.others;
  if (!(outOfTime > 0 && visitsOfWindow > 0 && population.goals > 0)) return {};
  const window = population.goals / visitsOfWindow;
  return { baseRateChange: { window, outOfTime, ratio: outOfTime / window } };
}

/** Undefined for a candidate with a score that is no number: it is rejected anyway. */
function decide(visits: ScoredVisits, rows: Uint32Array): RepairDecision | undefined {
  const scores = finiteProbabilitiesOf(visits.logits, rows);
  if (!scores || !visits.logits.every(Number.isFinite)) return undefined;
  const groups = visits.visitorIds.groupNumbers(rows);
  return fitRepair({ scores, ...judgedRowsOf(visits, rows), groups });
}

function onLine({ logits }: Logits, { slope, bias }: LogitLine): Float64Array {
  return logits.map((logit) => slope * logit + bias);
}

function calibrationOn(
  visits: ScoredVisits,
  { logits }: Logits,
  { rows }: JudgingRows,
): NonNullable<ReportedRepair['before']> {
  const { labels, weights } = judgedRowsOf(visits, rows);
  const { calibrationRatio, calibrationSlope, logLoss } = evaluateScores(
    probabilitiesOf(logits, rows),
    labels,
    weights,
    sigmoid(0),
  );
  return { calibrationRatio, calibrationSlope, logLoss };
}
