import { z } from 'zod';
import type { CheckFinding } from './finding';

/** A finding as it is read back: maybe of a check that only a later release makes. */
export type StoredFinding = Omit<CheckFinding, 'code'> & { readonly code: string };

const findingSchema: z.ZodType<StoredFinding> = z.object({
  code: z.string(),
  severity: z.enum(['stop', 'warn']),
  figure: z.number(),
  limit: z.number(),
  column: z.string().optional(),
  chance: z.number().optional(),
  words: z.string(),
  overruled: z.object({ reason: z.string(), by: z.string() }).optional(),
}) as z.ZodType<StoredFinding>;

/**
 * The findings that a stage has stored in its output. Entries that cannot be read are left out; a stage of a release
 * that made no checks has stored none.
 */
export function readFindings(stored: unknown): StoredFinding[] {
  if (!Array.isArray(stored)) return [];
  return stored.flatMap((one) => findingSchema.safeParse(one).data ?? []);
}
