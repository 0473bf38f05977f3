import { z } from 'zod';

const share = (todo: string) => z.number(todo).min(0, todo).max(1, todo);
const positive = (todo: string) => z.number(todo).positive(todo);
const count = (todo: string) => z.int(todo).min(1, todo);
const factor = z.number('give a factor of at least 1').min(1, 'give a factor of at least 1');
const AUC = share('give an AUC from 0 to 1');
const BOUNDS = 'give both from and to, as ratios above 0';

const calibrationSchema = z
  .strictObject({ from: positive(BOUNDS), to: positive(BOUNDS) }, BOUNDS)
  .refine(({ from, to }) => from < to, 'give from below to');

/** What a goal is worth and what reaching for it costs, in one currency; without it no rule looks at money. */
const profitSchema = z.strictObject(
  {
    /** What a visit with the goal brings when it is contacted. */
    goalValue: positive('give what a goal is worth, more than 0'),
    /** What contacting one visit costs, with the goal or without. */
    contactCost: z
      .number('give the cost of a contact, 0 or more')
      .min(0, 'give the cost of a contact, 0 or more'),
    /** Largest share of the visits that can be contacted. */
    capacity: share('give a share of the visits from 0 to 1').default(1),
  },
  'give goalValue and contactCost',
);
export type ProfitRule = Readonly<z.output<typeof profitSchema>>;

/** One limit as data: `rules.yaml` is checked by it, and its documentation is made from it. */
interface VerdictRule<T> {
  readonly schema: z.ZodType<T>;
  readonly byDefault: T;
  readonly unit: string;
  readonly meaning: string;
}

function rule<T>(schema: z.ZodType<T>, byDefault: T, unit: string, meaning: string): VerdictRule<T> {
  return { schema, byDefault, unit, meaning };
}

/** Every limit of the verdict (rules R8) with its default. A rule that is given replaces the former as a whole. */
export const VERDICT_RULES = {
  minRocAuc: rule(AUC, 0.55, 'AUC', 'a candidate that ranks worse is rejected'),
  suspectRocAuc: rule(AUC, 0.999, 'AUC', 'from here on a feature is suspected of holding the goal'),
  logisticTolerance: rule(
    z.number('give nats, 0 or more').min(0, 'give nats, 0 or more'),
    1,
    'nats',
    'a candidate that is surely worse than logistic regression by more is rejected, by less is worth a warning',
  ),
  calibrationRatio: rule(
    calibrationSchema,
    { from: 0.8, to: 1.25 },
    'ratio',
    'the interval of predicted over observed goals must reach into this range',
  ),
  maxParameters: rule(
    count('give a whole number of parameters, at least 1'),
    10_000_000,
    'parameters',
    'a larger model is rejected',
  ),
  maxBytes: rule(
    count('give a whole number of bytes, at least 1'),
    100_000_000,
    'bytes',
    'a larger bundle is rejected',
  ),
  warnLatencyMs: rule(
    positive('give milliseconds above 0'),
    50,
    'ms',
    'slower scoring of a row is worth a warning',
  ),
  nonInferiority: rule(
    share('give a share of the log-loss from 0 to 1'),
    0.005,
    "share of the champion's log-loss",
    'the margin: so much worse still counts as not worse',
  ),
  freshAfterDays: rule(
    positive('give days above 0'),
    14,
    'days',
    'an older champion gives way to a challenger that is not worse',
  ),
  staleAfter: rule(
    factor,
    2,
    'times `freshAfterDays`',
    'an older champion is stale: an inconclusive challenger may replace it',
  ),
  staleMargins: rule(
    positive('give a number of margins above 0'),
    5,
    'margins',
    'the upper bound of such a challenger must be below this',
  ),
  creepMargins: rule(
    positive('give a number of margins above 0'),
    1,
    'margins',
    'a promotion without proof may be worse than the last version with proof by less than this',
  ),
  profit: rule<ProfitRule | undefined>(
    profitSchema,
    undefined,
    'money',
    '`{goalValue, contactCost, capacity}`: a promotion must not surely cost money',
  ),
} as const;

export type VerdictRuleName = keyof typeof VERDICT_RULES;
export const VERDICT_RULE_NAMES = Object.keys(VERDICT_RULES) as readonly VerdictRuleName[];

type Limits = { readonly [Name in VerdictRuleName]: (typeof VERDICT_RULES)[Name]['byDefault'] };
/** The limits in force. */
export type VerdictRules = Omit<Limits, 'profit'> & { readonly profit?: ProfitRule | undefined };

/** The rules where nobody has said otherwise. */
export const DEFAULT_VERDICT_RULES = Object.fromEntries(
  VERDICT_RULE_NAMES.map((name) => [name, VERDICT_RULES[name].byDefault]),
) as unknown as VerdictRules;
