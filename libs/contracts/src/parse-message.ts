import { BadInputError, BadInputsError, parseBoundedJson, type Refusal } from '@factory/domain';
import type { z } from 'zod';
import { newerThanSchema } from './newer-version';
import { whatToDo } from './what-to-do';

/**
 * Maximum number of faults that are named; a body with a hundred thousand unknown fields would flood the log.
 */
const NAMED_FAULTS = 20;
/** How much of a body an error shows, characters. */
const SHOWN_BODY = 500;
/** How much of a field's name an error shows (an unknown field may have any name), characters. */
const LONGEST_FIELD = 200;

/**
 * Parses a message body with its schema; all faults are reported together, up to twenty.
 *
 * @throws NewerVersionError for a message of a later release, whatever else its body has
 * @throws BadInputError `not-utf-8`, `not-json`, `too-deep` or `not-an-object`
 * @throws BadInputsError `code`, naming each field, its value and what to do
 */
export function parseMessage<T>(schema: z.ZodType<T>, bytes: Uint8Array, code = 'malformed-message'): T {
  const body = objectOf(textOf(bytes));
  const parsed = schema.safeParse(body, { error: whatToDo });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  throw newerThanSchema(body, issues) ?? new BadInputsError(code, refusalsOfAll(issues, body));
}

/** Invalid UTF-8 is refused: decoded leniently it would become a different name or reason than was sent. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    const value = new TextDecoder().decode(bytes).slice(0, SHOWN_BODY);
    throw new BadInputError(
      'not-utf-8',
      { field: 'message', value, todo: 'send a JSON object in UTF-8' },
      { cause },
    );
  }
}

function objectOf(text: string): object {
  const refusal = { field: 'message', value: text.slice(0, SHOWN_BODY), todo: 'send a JSON object' };
  let body: unknown;
  try {
    body = parseBoundedJson(text, 'message');
  } catch (cause) {
    if (cause instanceof BadInputError) throw cause;
    throw new BadInputError('not-json', refusal, { cause });
  }
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  throw new BadInputError('not-an-object', refusal);
}

function refusalsOfAll(issues: readonly z.core.$ZodIssue[], body: object): Refusal[] {
  const refusals: Refusal[] = [];
  let more = 0;
  for (const issue of issues) {
    const paths = pathsOf(issue);
    const room = NAMED_FAULTS - refusals.length;
    for (const path of paths.slice(0, room)) refusals.push(refusalOf(issue, path, body));
    more += Math.max(0, paths.length - room);
  }
  return more === 0
    ? refusals
    : [...refusals, { field: 'message', value: more, todo: 'correct this many further fields' }];
}

function pathsOf(issue: z.core.$ZodIssue): (readonly PropertyKey[])[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
}

function refusalOf(issue: z.core.$ZodIssue, path: readonly PropertyKey[], body: object): Refusal {
  return {
    field: path.map(String).join('.').slice(0, LONGEST_FIELD) || 'message',
    value: valueAt(body, path),
    todo: issue.message,
  };
}

function valueAt(body: object, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined,
    body,
  );
}
