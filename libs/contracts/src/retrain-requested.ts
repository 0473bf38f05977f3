import { BadInputError, BadInputsError, type Refusal } from '@factory/domain';
import { z } from 'zod';
import { gridField, nameField, untilField, versionField } from './fields';

/** `2023-03-31`, `2023-03-31 23:59:59` or `2023-03-31T23:59:59`, optionally with Z: UTC unless the source says otherwise. */
const dateField = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z?)?$/,
    'write YYYY-MM-DD or YYYY-MM-DD HH:MM:SS',
  );

/** Anyone may ask: `{"productId": 0}` by a plain core-NATS publish is a complete request. */
export const retrainRequested = z
  .object({
    v: versionField,
    productId: z
      .number('give a whole number: a product id, or 0 for every active product')
      .int('give a whole number: a product id, or 0 for every active product')
      .nonnegative('give a product id, or 0 for every active product'),
    source: nameField.optional(),
    goal: nameField.optional(),
    /** First instant of the range, inclusive. */
    startDate: dateField.optional(),
    /** Last second of the range, inclusive; a bare date means that whole day. */
    endDate: dateField.optional(),
    grid: gridField.optional(),
    seed: z
      .union([z.string().min(1).max(64), z.number().int()])
      .transform(String)
      .optional(),
    until: untilField.optional(),
    requestId: z
      .string()
      .regex(/^[A-Za-z0-9_.:-]{1,128}$/, 'use 1 to 128 of A-Z a-z 0-9 _ . : -')
      .optional(),
    force: z.boolean().optional(),
    reason: z.string().max(500).optional(),
    requestedBy: z.string().max(120).optional(),
  })
  .strict();
export type RetrainRequested = z.infer<typeof retrainRequested>;

/**
 * Reads a request as it came off the wire.
 *
 * @throws BadInputError `not-json` or `not-an-object`
 * @throws BadInputsError `malformed-request` naming each field, its value and what to do
 */
export function parseRetrainRequest(bytes: Uint8Array): RetrainRequested {
  return parseMessage(retrainRequested, bytes, 'malformed-request');
}

/** Parses a message body with its schema; every fault is reported at once. */
export function parseMessage<T>(schema: z.ZodType<T>, bytes: Uint8Array, code = 'malformed-message'): T {
  const text = new TextDecoder().decode(bytes);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new BadInputError(
      'not-json',
      { field: 'message', value: text, todo: 'send a JSON object' },
      { cause },
    );
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new BadInputsError(
    code,
    parsed.error.issues.map((issue) => refusalOf(issue, body)),
  );
}

function refusalOf(issue: z.core.$ZodIssue, body: unknown): Refusal {
  const value = issue.path.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined,
    body,
  );
  return { field: issue.path.join('.') || 'message', value, todo: issue.message };
}
