import { finding, percent, percentInterval, short, skipped, type Finding } from './finding';
import type { ChampionFigures } from './verdict-inputs';
import type { VerdictRules } from './verdict-rules';

/** Why a challenger takes over, or does not. */
export type Comparison =
  | { readonly promote: 'better' | 'fresher' | 'stale' }
  | { readonly keep: 'older-than-champion' | 'worse' | 'inconclusive' | 'champion-fresh' | 'creeping' };

/**
 * Holds a challenger against the champion (rules R8).
 *
 * @param reused the rows judged the champion before: what is better must then be sure to 99 %
 */
export function lookAtChampion(
  champion: ChampionFigures,
  reused: boolean,
  rules: VerdictRules,
): {
  readonly comparison: Comparison;
  readonly findings: readonly Finding[];
  /** What `Judgement.proven` says. */
  readonly proven: boolean;
} {
  const { difference, logLoss, ageDays } = champion;
  const margin = rules.nonInferiority * logLoss;
  const staleDays = rules.staleAfter * rules.freshAfterDays;
  const bound = reused ? difference.upper99 : difference.upper95;
  const differs = `Log-loss differs from the champion's by ${percentInterval(difference, logLoss)}`;

  const notOlder = finding(
    'not-older',
    ageDays >= 0,
    ageDays,
    0,
    ageDays >= 0
      ? `The champion's data end ${short(ageDays)} days before the challenger's.`
      : `The challenger's data end ${short(-ageDays)} days before the champion's.`,
  );
  const better = finding(
    'better',
    bound < 0 && difference.estimate < 0,
    bound,
    0,
    `${differs}; better means surely below 0${reused ? `, to 99 % on rows that judged before (${percent(bound / logLoss)})` : ''}.`,
  );
  const notWorse = finding(
    'not-worse',
    difference.upper95 < margin && difference.estimate < margin,
    difference.upper95,
    margin,
    `${differs}; not worse means surely below ${percent(rules.nonInferiority)}.`,
  );
  const old = finding(
    'champion-old',
    ageDays > rules.freshAfterDays,
    ageDays,
    rules.freshAfterDays,
    `The champion is ${short(ageDays)} days old; after ${short(rules.freshAfterDays)} days one that is not worse replaces it.`,
  );
  const stale = finding(
    'champion-stale',
    ageDays > staleDays,
    ageDays,
    staleDays,
    `The champion is ${short(ageDays)} days old; after ${short(staleDays)} days one that may be worse replaces it, within limits.`,
  );
  const withinReach = finding(
    'stale-limits',
    difference.estimate <= margin && difference.upper95 <= rules.staleMargins * margin,
    difference.upper95,
    rules.staleMargins * margin,
    `${differs}; a stale champion is replaced up to ${percent(rules.nonInferiority)} on average and ` +
      `${percent(rules.staleMargins * rules.nonInferiority)} at worst.`,
  );
  const noCreep = lookAtAnchor(champion, rules);
  const firstStep = finding(
    'first-unproven',
    champion.anchor === undefined,
    champion.anchor ? 1 : 0,
    0,
    champion.anchor
      ? 'The champion itself was promoted without proof of being better; a stale one is replaced once that way.'
      : 'The champion was promoted with proof, or as the first.',
  );
  const findings = [notOlder, better, notWorse, old, stale, withinReach, noCreep, firstStep];
  const passed = (one: Finding) => one.outcome === 'passed';
  const failed = (one: Finding) => one.outcome === 'failed';

  const compare = (): Comparison => {
    if (!passed(notOlder)) return { keep: 'older-than-champion' };
    if (passed(better)) return { promote: 'better' };
    if (passed(notWorse)) {
      if (!passed(old)) return { keep: 'champion-fresh' };
      return failed(noCreep) ? { keep: 'creeping' } : { promote: 'fresher' };
    }
    if (difference.lower95 > 0) return { keep: 'worse' };
    if (passed(stale) && passed(withinReach))
      return passed(firstStep) ? { promote: 'stale' } : { keep: 'creeping' };
    return { keep: difference.estimate > margin ? 'worse' : 'inconclusive' };
  };
  const comparison = compare();
  const proven = 'promote' in comparison && comparison.promote === 'better' && !failed(noCreep);
  return { comparison, findings, proven };
}

/** Whether the candidate is surely not worse than the last version that was promoted with proof. */
function lookAtAnchor({ anchor }: ChampionFigures, rules: VerdictRules): Finding {
  const rule = 'no-creep';
  if (!anchor) return skipped(rule, 'The champion was promoted with proof, or as the first.');
  const { difference, logLoss } = anchor;
  const limit = rules.creepMargins * rules.nonInferiority;
  return finding(
    rule,
    difference.upper95 < limit * logLoss && difference.estimate < limit * logLoss,
    difference.upper95,
    limit * logLoss,
    `Log-loss differs from that of the last version promoted with proof by ${percentInterval(difference, logLoss)}; ` +
      `it must surely stay below ${percent(limit)}, or small losses would add up.`,
  );
}

/** Whether a promotion would surely cost money, where the rules say what a goal is worth. */
export function lookAtProfit({ profit }: ChampionFigures, rules: VerdictRules): Finding {
  const rule = 'profit';
  if (!rules.profit) return skipped(rule, 'No rule says what a goal is worth.');
  if (!profit) return skipped(rule, 'The profit of the two was not compared.');
  return finding(
    rule,
    profit.upper95 >= 0,
    profit.upper95,
    0,
    `Profit a visit differs from the champion's by ${short(profit.estimate)} (95 % interval ` +
      `${short(profit.lower95)} to ${short(profit.upper95)}); a loss that is sure prevents a promotion.`,
  );
}
