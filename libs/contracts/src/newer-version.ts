import { NewerVersionError } from '@factory/domain';
import type { z } from 'zod';
import { MESSAGE_VERSION } from './fields';

/**
 * The error of a message of a later release, which is recognised by its `v` alone: nothing else of its body
 * needs to be known here. Every release guarantees that much: a JSON object in UTF-8 with a whole number `v`.
 *
 * @returns undefined for every other body, valid or not
 */
export function newerVersionOf(bytes: Uint8Array, known = MESSAGE_VERSION): NewerVersionError | undefined {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  return newerBody(body, known);
}

/** As `newerVersionOf`, for a body stored in the ledger. */
export function newerBody(body: unknown, known = MESSAGE_VERSION): NewerVersionError | undefined {
  if (typeof body !== 'object' || body === null || !('v' in body)) return undefined;
  const { v } = body;
  return Number.isSafeInteger(v) && Number(v) > known
    ? new NewerVersionError('v', Number(v), known)
    : undefined;
}

/** The same for a body that a schema has refused: the schema says which version is its highest. */
export function newerThanSchema(
  body: object,
  issues: readonly z.core.$ZodIssue[],
): NewerVersionError | undefined {
  for (const issue of issues)
    if (issue.code === 'too_big' && issue.path.length === 1 && issue.path[0] === 'v')
      return newerBody(body, Number(issue.maximum));
  return undefined;
}
