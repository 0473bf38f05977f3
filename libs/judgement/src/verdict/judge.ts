import { lookAtCandidate } from './candidate-rules';
import { lookAtChampion, lookAtProfit, type Comparison } from './champion-rules';
import { finding, type Finding } from './finding';
import { notFinite, type VerdictInputs } from './verdict-inputs';
import type { VerdictRules } from './verdict-rules';

/** What becomes of a candidate, and why. */
export interface Judgement {
  readonly verdict: 'promote' | 'keep' | 'reject';
  /** In a word: a rule that rejected, or how the challenger compares with the champion. */
  readonly reason: string;
  /** In a sentence. */
  readonly words: string;
  /** Every rule in order, with what it saw. */
  readonly rules: readonly Finding[];
  /**
   * Promoted as the first, or with proof of being better than the champion and not worse than its anchor: later
   * challengers of this version are held against itself; otherwise against what this one was held against.
   */
  readonly proven: boolean;
  /** Sentences: worth a look, without influence on the verdict. */
  readonly warnings: readonly string[];
  /** Sentences: somebody should act. */
  readonly alerts: readonly string[];
}

/**
 * Promote, keep or reject (rules R8). First what the candidate's own figures say, in the order of the rules; then how it
 * compares with the champion. Knows no clock and draws nothing: the same inputs give the same judgement.
 */
export function judge(inputs: VerdictInputs, rules: VerdictRules): Judgement {
  const { candidate, judging, champion } = inputs;
  const foundations = [finiteFinding(inputs), goalsFinding(judging.goals)];
  const unfounded = foundations.find(failed);
  if (unfounded || candidate.figures === null) return rejection(unfounded, foundations, []);
  const own = lookAtCandidate(candidate.figures, inputs, rules);
  const warnings = own.warnings.filter(failed).map(({ words }) => words);
  const asked = [...foundations, ...own.rejections, ...own.warnings];
  const rejecting = own.rejections.find(failed);
  if (rejecting) return rejection(rejecting, asked, warnings);
  if (!champion) {
    const first = finding(
      'no-champion',
      true,
      null,
      null,
      'No version is in force that could be compared with.',
    );
    return hold(inputs, {
      verdict: 'promote',
      reason: first.rule,
      words: 'Promoted: it is the first model that can be used.',
      proven: true,
      rules: [...asked, first],
      warnings,
      alerts: [],
    });
  }
  const { comparison, findings, proven } = lookAtChampion(champion, judging.reused, rules);
  const profit = lookAtProfit(champion, rules);
  const all = { rules: [...asked, ...findings, profit], warnings, proven: false };
  if ('keep' in comparison) {
    const words = KEPT[comparison.keep];
    const alerts = comparison.keep === 'creeping' ? [words] : [];
    return { verdict: 'keep', reason: comparison.keep, words, ...all, alerts };
  }
  if (failed(profit))
    return {
      verdict: 'keep',
      reason: 'less-profit',
      words: `Kept: ${lowerFirst(profit.words)}`,
      ...all,
      alerts: [],
    };
  const words = PROMOTED[comparison.promote];
  const alerts = comparison.promote === 'stale' ? [words] : [];
  return hold(inputs, { verdict: 'promote', reason: comparison.promote, words, ...all, proven, alerts });
}

const PROMOTED: Readonly<Record<Extract<Comparison, { promote: string }>['promote'], string>> = {
  better: "Promoted: its log-loss is surely lower than the champion's.",
  fresher: 'Promoted: it is not worse than the champion, which has become old.',
  stale:
    'Promoted without proof: the champion is stale, and the challenger is about as good as far as the rows can tell. ' +
    'More judging rows would tell better.',
};

const KEPT: Readonly<Record<Extract<Comparison, { keep: string }>['keep'], string>> = {
  'older-than-champion': "Kept: the challenger's data end before the champion's.",
  worse: 'Kept: the challenger is worse than the champion.',
  inconclusive: 'Kept: the rows do not tell whether the challenger is better or worse.',
  'champion-fresh': 'Kept: the challenger is as good as the champion, which is still fresh.',
  creeping:
    'Kept: after a promotion without proof, this challenger is not surely as good as the last version that was ' +
    'promoted with proof. Only one that is surely better than the champion is promoted now.',
};

function hold(inputs: VerdictInputs, promotion: Judgement): Judgement {
  if (inputs.held !== true) return promotion;
  const held = finding('not-held', false, promotion.reason, null, 'Somebody holds the version in force.');
  return {
    ...promotion,
    verdict: 'keep',
    reason: 'held',
    words: `Kept: the version in force is held. Otherwise: ${lowerFirst(promotion.words)}`,
    rules: [...promotion.rules, held],
    proven: false,
    alerts: [],
  };
}

function rejection(
  by: Finding | undefined,
  asked: readonly Finding[],
  warnings: readonly string[],
): Judgement {
  const decisive = by ?? NO_SCORES;
  return {
    verdict: 'reject',
    reason: decisive.rule,
    words: `Rejected: ${lowerFirst(decisive.words)}`,
    rules: asked,
    proven: false,
    warnings,
    alerts: [],
  };
}

const NO_SCORES = finding(
  'finite-scores',
  false,
  null,
  'finite',
  'The candidate gives scores that are not finite.',
);

function finiteFinding(inputs: VerdictInputs): Finding {
  if (inputs.candidate.figures === null) return NO_SCORES;
  const found = notFinite(inputs);
  return found
    ? finding(
        'finite-figures',
        false,
        `${found.field} = ${found.value}`,
        'finite',
        `${found.field} is ${found.value}.`,
      )
    : finding('finite-figures', true, null, 'finite', 'All scores and figures are finite.');
}

function goalsFinding(goals: number): Finding {
  return finding(
    'goals-to-judge-by',
    goals >= 1,
    goals,
    1,
    `The judging rows hold ${goals} goals; 1 is needed.`,
  );
}

function failed({ outcome }: Finding): boolean {
  return outcome === 'failed';
}

/** For the middle of a sentence; an abbreviation stays as it is. */
function lowerFirst(sentence: string): string {
  return /^[A-Z][a-z ]/.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;
}
