import { NAME_PATTERN, NAME_TODO } from '@factory/domain';
import { z } from 'zod';
import {
  CHECK_CODES,
  CHECK_RULES,
  LIMIT_UNITS,
  SEVERITIES,
  type CheckCode,
  type CheckLimit,
} from '../checks/check-rules';
import {
  VERDICT_RULES,
  VERDICT_RULE_NAMES,
  type VerdictRuleName,
  type VerdictRules,
} from '../verdict/verdict-rules';

const PRODUCT_TODO = 'give a whole number above 0, or leave it out: every product';

/** What differs from the defaults, or from a less specific entry. */
export type VerdictChanges = { readonly [Name in VerdictRuleName]?: VerdictRules[Name] };
export type CheckChanges = { readonly falseStops?: number } & {
  readonly [Code in CheckCode]?: Partial<CheckLimit>;
};

const verdictSchema: z.ZodType<VerdictChanges> = z.strictObject(
  Object.fromEntries(
    VERDICT_RULE_NAMES.map((name) => [name, (VERDICT_RULES[name].schema as z.ZodType<unknown>).optional()]),
  ),
  'give a mapping of rules',
);

function checkSchema(code: CheckCode) {
  const { from, to, todo } = LIMIT_UNITS[CHECK_RULES[code].unit];
  return z.strictObject(
    {
      severity: z.enum(SEVERITIES, `give one of ${SEVERITIES.join(', ')}`).optional(),
      limit: z.number(todo).min(from, todo).max(to, todo).optional(),
    },
    'give severity, limit, or both',
  );
}

const CHANCE = 'give a chance above 0 and of at most .2';
const checksSchema: z.ZodType<CheckChanges> = z.strictObject(
  {
    falseStops: z.number(CHANCE).gt(0, CHANCE).max(0.2, CHANCE).optional(),
    ...Object.fromEntries(CHECK_CODES.map((code) => [code, checkSchema(code).optional()])),
  },
  'give a mapping of checks',
);

const entrySchema = z
  .strictObject(
    {
      source: z.string(NAME_TODO).regex(NAME_PATTERN, NAME_TODO),
      product: z.int(PRODUCT_TODO).min(1, PRODUCT_TODO).optional(),
      goal: z.string(NAME_TODO).regex(NAME_PATTERN, NAME_TODO).optional(),
      verdict: verdictSchema.optional(),
      checks: checksSchema.optional(),
    },
    'give source, and verdict or checks',
  )
  .refine(({ verdict, checks }) => verdict ?? checks, 'give verdict or checks, or remove the entry');

/** `rules.yaml`. */
export const rulesSchema = z
  .strictObject(
    {
      verdict: verdictSchema.optional(),
      checks: checksSchema.optional(),
      products: z.array(entrySchema, 'give a list').default([]),
    },
    'give a mapping of verdict, checks and products',
  )
  .readonly();

export type JudgementRules = z.output<typeof rulesSchema>;
export type RulesEntry = JudgementRules['products'][number];
