import { z } from 'zod';
import { gridField, nameField, requestVersionField, requestWindowField, untilField } from './fields';
import { parseMessage } from './parse-message';

const DATE = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2})(?:\.\d{1,3})?Z?)?$/;

/** `2023-03-31`, `2023-03-31 23:59:59` or `2023-03-31T23:59:59`, optionally with Z: always UTC. */
const dateField = z
  .string('write YYYY-MM-DD or YYYY-MM-DD HH:MM:SS, in UTC')
  .regex(DATE, { error: 'write YYYY-MM-DD or YYYY-MM-DD HH:MM:SS, in UTC', abort: true })
  .refine(isOfTheCalendar, 'give a date and time that exist');

const PRODUCT_TODO = 'give a whole number: a product id, or 0 for every active product';
const REQUEST_ID_TODO = 'use 1 to 128 characters of A-Z a-z 0-9 _ . : -';

const CHECK_TODO = 'give the code of a check, such as rows-low';
const OVERRULE_REASON_TODO = 'say why, in 1 to 500 characters';

const overruleField = z.strictObject({
  /** Code of the check (docs/rules.md, R16). */
  check: z.string(CHECK_TODO).regex(/^[a-z0-9-]{1,40}$/, CHECK_TODO),
  /** Column or feature table that the finding is about. Absent: any. */
  column: z.string('name a column').min(1, 'name a column').max(128, 'name a column').optional(),
  /** Why; stored with the finding and in the audit. */
  reason: z.string(OVERRULE_REASON_TODO).min(1, OVERRULE_REASON_TODO).max(500, OVERRULE_REASON_TODO),
});

const fields = {
  /** Version of the message. Absent: the reader's own. */
  v: requestVersionField,
  /** A product of the source; 0 = every active product. */
  productId: z
    .number(PRODUCT_TODO)
    .int({ error: PRODUCT_TODO, abort: true })
    .nonnegative('give a product id, or 0 for every active product'),
  /** Source of `sources.yaml`. Absent: the only one, or `main`. */
  source: nameField.optional(),
  /** Goal of the source. Absent: its default. */
  goal: nameField.optional(),
  /** First instant of the range, inclusive. */
  startDate: dateField.optional(),
  /** Last second of the range, inclusive; a date without time means that whole day. */
  endDate: dateField.optional(),
  /**
   * How the training window is chosen. Absent: from the product's policy. `evidence` from version 3 on; so is `curve`, with
   * `until: evaluation`.
   */
  window: requestWindowField.optional(),
  /** Which combinations are trained. Absent: from the product's policy. */
  grid: gridField.optional(),
  /** Seed of the draw of visits. Absent: fixed for source, product and goal. */
  seed: z
    .union([z.string().min(1).max(64), z.number().int()], 'give 1 to 64 characters, or a whole number')
    .transform(String)
    .optional(),
  /** The run ends after this stage, and nothing is published. */
  until: untilField.optional(),
  /**
   * Makes requests idempotent: the same id twice starts the same runs only once. Absent: the position in the
   * stream.
   */
  requestId: z
    .string(REQUEST_ID_TODO)
    .regex(/^[A-Za-z0-9_.:-]{1,128}$/, REQUEST_ID_TODO)
    .optional(),
  /** Checks of the data and of the scores that do not stop the run, with a product and from version 2 on. */
  overrule: z.array(overruleField).min(1).max(20).optional(),
  /** Cancels a run in progress of the same product and goal first, instead of returning that run. */
  force: z.boolean().optional(),
  /** Why; stored with the request. */
  reason: z.string().max(500).optional(),
  /** Who sent the request; stored with it. */
  requestedBy: z.string().max(120).optional(),
};

/** Anyone may send a request: `{"productId": 0}` by a plain core-NATS publish is a complete one. */
export const retrainRequested = z
  .strictObject(fields, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `remove it, or use one of ${Object.keys(fields).join(', ')}`
        : undefined,
  })
  .refine(({ productId, overrule }) => productId !== 0 || !overrule, {
    path: ['overrule'],
    error: 'name a product: a check is overruled for one run',
  })
  .refine(({ window, until }) => window !== 'curve' || until === 'evaluation', {
    path: ['window'],
    error: 'add "until": "evaluation": a learning curve publishes nothing',
  });
export type RetrainRequested = z.infer<typeof retrainRequested>;

/**
 * Reads a request as it was received.
 *
 * @throws BadInputError `not-json` or `not-an-object`
 * @throws BadInputsError `malformed-request` naming each field, its value and what to do
 */
export function parseRetrainRequest(bytes: Uint8Array): RetrainRequested {
  return parseMessage(retrainRequested, bytes, 'malformed-request');
}

/** `2023-02-30` rolls over to March when parsed: writing it back gives another date. */
function isOfTheCalendar(text: string): boolean {
  const [, day, time = '00:00:00'] = DATE.exec(text) ?? [];
  const instant = new Date(`${day}T${time}Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(`${day}T${time}`);
}
