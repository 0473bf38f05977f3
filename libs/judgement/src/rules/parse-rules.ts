import { parseBoundedYaml } from '@factory/contracts';
import { BadInputsError, messageOf, type Refusal } from '@factory/domain';
import type { z } from 'zod';
import { rulesSchema, type JudgementRules } from './rules-schema';

/**
 * Reads `rules.yaml`: what differs from the defaults, and for which products. An empty text is no difference.
 *
 * @param file its name, for refusals
 * @throws BadInputsError `invalid-rules` naming field, value and what to do for every fault
 */
export function parseJudgementRules(text: string, file = 'rules.yaml'): JudgementRules {
  const body = readYaml(text, file) ?? {};
  const parsed = rulesSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new BadInputsError(
    'invalid-rules',
    parsed.error.issues.flatMap((issue) => refusalsOf(issue, body, file)),
  );
}

function readYaml(text: string, file: string): unknown {
  try {
    return parseBoundedYaml(text);
  } catch (cause) {
    throw new BadInputsError('invalid-rules', [
      { field: file, value: messageOf(cause), todo: 'correct the YAML' },
    ]);
  }
}

function refusalsOf(issue: z.core.$ZodIssue, body: unknown, file: string): Refusal[] {
  const value = issue.path.reduce(memberOf, body);
  const field = issue.path.map(String).join('.');
  if (issue.code !== 'unrecognized_keys') return [{ field: field || file, value, todo: issue.message }];
  return issue.keys.map((key) => ({
    field: field === '' ? key : `${field}.${key}`,
    value: memberOf(value, key),
    todo: 'remove it, or correct its name: there is no such rule (see docs/rules.md, R8)',
  }));
}

function memberOf(at: unknown, key: PropertyKey): unknown {
  return typeof at === 'object' && at !== null && Object.hasOwn(at, key)
    ? (at as Record<PropertyKey, unknown>)[key]
    : undefined;
}
