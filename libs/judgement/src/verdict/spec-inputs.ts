import type { BootstrapInterval } from '@factory/metrics';
import { parse } from 'yaml';
import { parseJudgementRules } from '../rules/parse-rules';
import { rulesFor } from '../rules/rules-for';
import type { CandidateFigures, ChampionFigures, VerdictInputs } from './verdict-inputs';
import type { VerdictRules } from './verdict-rules';

/** An interval by its 95 % ends; its 99 % ends are a third further from the estimate. */
export function interval(lower95: number, estimate: number, upper95: number): BootstrapInterval {
  const wider = (end: number) => estimate + (end - estimate) * (4 / 3);
  return { estimate, lower95, upper95, lower99: wider(lower95), upper99: wider(upper95) };
}

/** A sound candidate. */
export function candidateFigures(changed: Partial<CandidateFigures> = {}): CandidateFigures {
  return {
    rocAuc: 0.8,
    calibrationRatio: interval(0.95, 1.02, 1.1),
    calibrationSlope: 1.03,
    overBaseRate: interval(-0.012, -0.01, -0.008),
    ...changed,
  };
}

/** A champion whose log-loss is .1: the margin is .0005 nats. The challenger is surely better. */
export function championFigures(changed: Partial<ChampionFigures> = {}): ChampionFigures {
  return {
    logLoss: 0.1,
    calibrationRatio: 1.01,
    ageDays: 7,
    difference: interval(-0.003, -0.002, -0.001),
    ...changed,
  };
}

/** A first model that is promoted. */
export function verdictInputs(
  changed: Partial<VerdictInputs> & { readonly figures?: Partial<CandidateFigures> } = {},
): VerdictInputs {
  const { figures, ...others } = changed;
  return {
    candidate: { family: 'network', figures: candidateFigures(figures), parameters: 10_000, bytes: 100_000 },
    judging: { goals: 500, reused: false },
    ...others,
  };
}

/** Rules that differ from the defaults in what a text says, as below `verdict` of rules.yaml. */
export function parseVerdictRules(text: string): VerdictRules {
  const rules = parseJudgementRules(JSON.stringify({ verdict: parse(text) as unknown }));
  return rulesFor(rules, { source: 'main', product: 1, goal: 'sale' }).verdict;
}
