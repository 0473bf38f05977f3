import {
  GRID_NAMES,
  NAME_PATTERN,
  NAME_TODO,
  OUTCOMES,
  POOL_PATTERN,
  POOL_TODO,
  SEARCHES,
  UNTIL,
  REQUEST_WINDOWS,
  WINDOW_REASONS,
} from '@factory/domain';
import { z } from 'zod';

/**
 * Version of every message. Readers accept this one and the one before, and leave a higher one to services of a
 * later release (docs/adr/0034-old-and-new-side-by-side.md).
 */
export const MESSAGE_VERSION = 1;

/**
 * Version of the messages that refer to a dataset, from `sample.drawn` to `model.evaluated`, which are numbered apart: 2
 * brought the halves of visitors (rules R3), a column that readers of version 1 would take for a feature.
 */
export const DATASET_MESSAGE_VERSION = 2;

/**
 * Highest version of requests, which are numbered apart: a field that its reader does not know is refused, so each new
 * one needs a higher version; 2 brought `overrule`, 3 windows that are compared. Fields are only ever added, so every version is read, and a request
 * is sent in the lowest version that has its fields: services of any release take it.
 */
export const REQUEST_VERSION = 3;
/** Of requests with `overrule`, and without windows that are compared. */
export const OVERRULE_REQUEST_VERSION = 2;
/** Of requests with neither. */
export const PLAIN_REQUEST_VERSION = 1;

/**
 * The `v` of messages whose readers are of version `current`: they accept that version and the one before, so
 * that services can be upgraded one after the other. Absent = `current`: a request need not state a version.
 */
export function versionFieldOf(current: number) {
  const least = Math.max(1, current - 1);
  const known = least === current ? `version ${current}` : `version ${least} or ${current}`;
  const todo = `send ${known}, or upgrade the service that reads it`;
  return z.number(todo).int(todo).min(least, todo).max(current, todo).default(current);
}

export const versionField = versionFieldOf(MESSAGE_VERSION);
export const datasetVersionField = versionFieldOf(DATASET_MESSAGE_VERSION);

const REQUEST_VERSION_TODO = `send version ${PLAIN_REQUEST_VERSION} to ${REQUEST_VERSION}, or upgrade the service that reads it`;
export const requestVersionField = z
  .number(REQUEST_VERSION_TODO)
  .int(REQUEST_VERSION_TODO)
  .min(PLAIN_REQUEST_VERSION, REQUEST_VERSION_TODO)
  .max(REQUEST_VERSION, REQUEST_VERSION_TODO)
  .default(REQUEST_VERSION);

export const nameField = z.string(NAME_TODO).regex(NAME_PATTERN, NAME_TODO);
export const poolField = z.string(POOL_TODO).regex(POOL_PATTERN, POOL_TODO);

/** A product's id; 0 (every active product) is valid in a request only. */
export const productField = z.number().int('use a whole number').positive('use a positive product id');
export const gridField = z.enum(GRID_NAMES);
export const searchField = z.enum(SEARCHES);
export const requestWindowField = z.enum(REQUEST_WINDOWS);
export const windowReasonField = z.enum(WINDOW_REASONS);
export const untilField = z.enum(UNTIL);
export const outcomeField = z.enum(OUTCOMES);
export const runField = z.uuid('give the id of a run, a UUID');
export const shardField = nameField;

/** An instant in UTC, ISO 8601 with Z. */
export const instantField = z.iso.datetime({
  offset: false,
  error: 'write an instant in UTC, YYYY-MM-DDTHH:MM:SSZ',
});

export const sha256Field = z.string().regex(/^[0-9a-f]{64}$/, 'give a sha256 as 64 lower-case hex digits');

/** A file in the object store: readers verify the hash before they use any of it. */
export const artefactField = z.object({
  /** Without bucket and prefix. */
  key: z.string().min(1),
  /** Of its content. */
  sha256: sha256Field,
  /** Its size. */
  bytes: z.number().int().nonnegative(),
});
export type ArtefactRef = z.infer<typeof artefactField>;
