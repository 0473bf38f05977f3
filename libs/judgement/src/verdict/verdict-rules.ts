import { BadInputsError, messageOf, type Refusal } from '@factory/domain';
import { parse } from 'yaml';
import { z } from 'zod';

const share = (todo: string) => z.number(todo).min(0, todo).max(1, todo);
const positive = (todo: string) => z.number(todo).positive(todo);
const count = (todo: string) => z.int(todo).min(1, todo);

/** What a goal is worth and what reaching for it costs, in one currency; without it no rule looks at money. */
const profitSchema = z.strictObject({
  /** What a visit with the goal brings when it is contacted. */
  goalValue: positive('give what a goal is worth, more than 0'),
  /** What contacting one visit costs, with the goal or without. */
  contactCost: z
    .number('give the cost of a contact, 0 or more')
    .min(0, 'give the cost of a contact, 0 or more'),
  /** Largest share of the visits that can be contacted. */
  capacity: share('give a share of the visits from 0 to 1').default(1),
});

/** Every limit of the verdict (rules R8) with its default. */
const verdictRulesSchema = z
  .strictObject({
    /** A challenger that ranks worse than this is rejected. */
    minRocAuc: share('give an AUC from 0 to 1').default(0.55),
    /** From this AUC on the features are suspected of holding the goal. */
    suspectRocAuc: share('give an AUC from 0 to 1').default(0.999),
    /** Where the interval of the calibration ratio must reach into. */
    calibrationRatio: z
      .strictObject({
        from: positive('give a ratio above 0').default(0.8),
        to: positive('give a ratio above 0').default(1.25),
      })
      .refine(({ from, to }) => from < to, 'give from below to')
      .prefault({}),
    maxParameters: count('give a whole number of parameters, at least 1').default(10_000_000),
    /** Of the bundle. */
    maxBytes: count('give a whole number of bytes, at least 1').default(100_000_000),
    /** Slower scoring of a row is worth a warning. */
    warnLatencyMs: positive('give milliseconds above 0').default(50),
    /** How much worse still counts as not worse, as a share of the champion's log-loss: the margin. */
    nonInferiority: share('give a share of the log-loss from 0 to 1').default(0.005),
    /** A champion older than this gives way to a challenger that is not worse. */
    freshAfterDays: positive('give days above 0').default(14),
    /** So many times `freshAfterDays` make a champion stale: the inconclusive may then be promoted. */
    staleAfter: z.number('give a factor of at least 1').min(1, 'give a factor of at least 1').default(2),
    /** Margins below which the upper bound must be for that. */
    staleMargins: positive('give a number of margins above 0').default(5),
    /** Margins that promotions without proof may lose in all since the last proven one. */
    creepMargins: positive('give a number of margins above 0').default(1),
    profit: profitSchema.optional(),
  })
  .readonly();

export type VerdictRules = z.output<typeof verdictRulesSchema>;

/** The rules where nobody has said otherwise. */
export const DEFAULT_VERDICT_RULES: VerdictRules = verdictRulesSchema.parse({});

/**
 * Reads rules from YAML: a mapping of what differs from the defaults.
 *
 * @param file name to be told in refusals
 * @throws BadInputsError `invalid-verdict-rules` naming field, value and what to do for every fault
 */
export function parseVerdictRules(text: string, file = 'rules.yaml'): VerdictRules {
  const body = readYaml(text, file);
  const parsed = verdictRulesSchema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  throw new BadInputsError(
    'invalid-verdict-rules',
    parsed.error.issues.flatMap((issue) => refusalsOf(issue, body, file)),
  );
}

function readYaml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new BadInputsError('invalid-verdict-rules', [
      { field: file, value: messageOf(cause), todo: 'correct the YAML' },
    ]);
  }
}

function memberOf(at: unknown, key: PropertyKey): unknown {
  return typeof at === 'object' && at !== null && Object.hasOwn(at, key)
    ? (at as Record<PropertyKey, unknown>)[key]
    : undefined;
}

function refusalsOf(issue: z.core.$ZodIssue, body: unknown, file: string): Refusal[] {
  const value = issue.path.reduce(memberOf, body);
  const field = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const at = field === '' ? '' : `${field}.`;
    return issue.keys.map((key) => ({
      field: `${at}${key}`,
      value: memberOf(value, key),
      todo: 'remove it: no such rule',
    }));
  }
  const todo = field === '' && issue.code === 'invalid_type' ? 'give a mapping of rules' : issue.message;
  return [{ field: field || file, value, todo }];
}
