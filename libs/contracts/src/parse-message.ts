import { BadInputError, BadInputsError, type Refusal } from '@factory/domain';
import type { z } from 'zod';
import { whatToDo } from './what-to-do';

/**
 * Parses a message body with its schema; every fault is reported at once.
 *
 * @throws BadInputError `not-json` or `not-an-object`
 * @throws BadInputsError `code`, naming each field, its value and what to do
 */
export function parseMessage<T>(schema: z.ZodType<T>, bytes: Uint8Array, code = 'malformed-message'): T {
  const body = objectOf(new TextDecoder().decode(bytes));
  const parsed = schema.safeParse(body, { error: whatToDo });
  if (parsed.success) return parsed.data;
  throw new BadInputsError(
    code,
    parsed.error.issues.flatMap((issue) => refusalsOf(issue, body)),
  );
}

function objectOf(text: string): object {
  const refusal = { field: 'message', value: text, todo: 'send a JSON object' };
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new BadInputError('not-json', refusal, { cause });
  }
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  throw new BadInputError('not-an-object', refusal);
}

function refusalsOf(issue: z.core.$ZodIssue, body: object): Refusal[] {
  const paths =
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return paths.map((path) => ({
    field: path.join('.') || 'message',
    value: valueAt(body, path),
    todo: issue.message,
  }));
}

function valueAt(body: object, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined,
    body,
  );
}
