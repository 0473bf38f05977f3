import type { ModelKey } from '@factory/domain';
import { CHECK_CODES, DEFAULT_CHECK_LIMITS, type CheckCode, type CheckLimits } from '../checks/check-rules';
import { DEFAULT_VERDICT_RULES, VERDICT_RULE_NAMES, type VerdictRules } from '../verdict/verdict-rules';
import type { CheckChanges, JudgementRules, RulesEntry, VerdictChanges } from './rules-schema';

/** Everything that judges the runs of one product and goal. */
export interface ProductRules {
  readonly verdict: VerdictRules;
  readonly checks: CheckLimits;
}

/** Where services ask for the rules in force. */
export interface RulesOf {
  for(key: ModelKey): ProductRules;
}

/** The rules where no file says otherwise. */
export const DEFAULT_RULES: RulesOf = {
  for: () => ({ verdict: DEFAULT_VERDICT_RULES, checks: DEFAULT_CHECK_LIMITS }),
};

/** One limit, and who set it. */
export interface RuleInForce {
  /** As in `rules.yaml`: `verdict.minRocAuc`, `checks.shift.limit`. */
  readonly rule: string;
  readonly value: unknown;
  /** `default`, or the entry of `rules.yaml`: `verdict`, `checks`, `products.2`. */
  readonly from: string;
}

/** One entry of the file. */
interface Layer {
  readonly name?: string;
  readonly verdict?: VerdictChanges | undefined;
  readonly checks?: CheckChanges | undefined;
}

/**
 * The rules of one product: the defaults, changed by the head of the file and then by each entry that fits, from the
 * least to the most specific (source; with goal; with product; with both), equally specific ones in their order.
 */
export function rulesFor(rules: JudgementRules, key: ModelKey): ProductRules {
  return layersFor(rules, key).reduce<ProductRules>(changed, DEFAULT_RULES.for(key));
}

/** The same, limit by limit, with the entry that each comes from. */
export function explainRules(rules: JudgementRules, key: ModelKey): RuleInForce[] {
  const { verdict, checks } = rulesFor(rules, key);
  const layers = layersFor(rules, key).toReversed();
  const from = (head: string, gives: (layer: Layer) => unknown): string => {
    const layer = layers.find((one) => gives(one) !== undefined);
    return layer ? (layer.name ?? head) : 'default';
  };
  return [
    ...VERDICT_RULE_NAMES.map((name) => ({
      rule: `verdict.${name}`,
      value: verdict[name],
      from: from('verdict', (layer) => layer.verdict?.[name]),
    })),
    {
      rule: 'checks.falseStops',
      value: checks.falseStops,
      from: from('checks', (layer) => layer.checks?.falseStops),
    },
    ...CHECK_CODES.flatMap((code) =>
      (['severity', 'limit'] as const).map((field) => ({
        rule: `checks.${code}.${field}`,
        value: checks.checks[code][field],
        from: from('checks', (layer) => layer.checks?.[code]?.[field]),
      })),
    ),
  ];
}

function layersFor({ verdict, checks, products }: JudgementRules, key: ModelKey): Layer[] {
  const fitting = products
    .map((entry, at) => ({ ...entry, name: `products.${at}` }))
    .filter((entry) => fits(entry, key))
    .sort((one, other) => specificity(one) - specificity(other));
  return [{ verdict, checks }, ...fitting];
}

function fits({ source, product, goal }: RulesEntry, key: ModelKey): boolean {
  return (
    source === key.source &&
    (product === undefined || product === key.product) &&
    (goal === undefined || goal === key.goal)
  );
}

function specificity({ product, goal }: RulesEntry): number {
  return (product === undefined ? 0 : 2) + (goal === undefined ? 0 : 1);
}

function changed(before: ProductRules, { verdict = {}, checks = {} }: Layer): ProductRules {
  const { falseStops = before.checks.falseStops } = checks;
  const limits = CHECK_CODES.map((code) => {
    const { severity, limit } = before.checks.checks[code];
    return [code, { severity, limit, ...checks[code] }];
  });
  return {
    verdict: { ...before.verdict, ...verdict },
    checks: {
      falseStops,
      checks: Object.fromEntries(limits) as Record<CheckCode, CheckLimits['checks'][CheckCode]>,
    },
  };
}
