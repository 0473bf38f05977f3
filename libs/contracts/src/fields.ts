import { GRID_NAMES, NAME_PATTERN, OUTCOMES, UNTIL } from '@factory/domain';
import { z } from 'zod';

/** Version that every message carries; readers take this one and the one before. */
export const MESSAGE_VERSION = 1;

export const versionField = z
  .number()
  .int()
  .min(Math.max(1, MESSAGE_VERSION - 1))
  .max(MESSAGE_VERSION)
  .default(MESSAGE_VERSION);

export const nameField = z.string().regex(NAME_PATTERN, 'use 1 to 40 characters of a-z, 0-9 and hyphen');

/** A product's id; 0 (every active product) is only legal in a request. */
export const productField = z.number().int('use a whole number').positive('use a positive product id');
export const gridField = z.enum(GRID_NAMES);
export const untilField = z.enum(UNTIL);
export const outcomeField = z.enum(OUTCOMES);
export const runField = z.uuid();
export const shardField = z.string().regex(/^[a-z0-9-]{1,40}$/);

/** An instant in UTC, ISO 8601 with Z. */
export const instantField = z.iso.datetime({ offset: false });

/** A file in the object store: readers verify the hash before they use a byte. */
export const artefactField = z.object({
  key: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().nonnegative(),
});
export type ArtefactRef = z.infer<typeof artefactField>;
