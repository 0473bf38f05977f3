import type { BootstrapInterval } from '@factory/metrics';

export const OUTCOMES_OF_RULES = ['passed', 'failed', 'skipped'] as const;
export type RuleOutcome = (typeof OUTCOMES_OF_RULES)[number];

/** What a rule saw, and what came out. */
export interface Finding {
  readonly rule: string;
  readonly outcome: RuleOutcome;
  /** What was looked at; null where there was nothing. */
  readonly figure: number | string | null;
  /** What it was held against. */
  readonly limit: number | string | null;
  /** A sentence for people. */
  readonly words: string;
}

export function finding(
  rule: string,
  passed: boolean,
  figure: Finding['figure'],
  limit: Finding['limit'],
  words: string,
): Finding {
  return { rule, outcome: passed ? 'passed' : 'failed', figure, limit, words };
}

/** A rule that had nothing to look at. */
export function skipped(rule: string, words: string): Finding {
  return { rule, outcome: 'skipped', figure: null, limit: null, words };
}

/** Up to four significant digits. */
export function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** A share as a percentage with its sign. */
export function percent(share: number): string {
  const digits = Number((100 * share).toPrecision(3));
  return `${digits > 0 ? '+' : ''}${digits} %`;
}

/** An interval of a difference, in percent of something. */
export function percentInterval({ estimate, lower95, upper95 }: BootstrapInterval, of: number): string {
  return `${percent(estimate / of)} (95 % interval ${percent(lower95 / of)} to ${percent(upper95 / of)})`;
}
