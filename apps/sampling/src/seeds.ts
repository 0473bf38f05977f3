import { createHmac } from 'node:crypto';
import { describeKey, type ModelKey } from '@factory/domain';

/** Seed of the draw: fixed per source, product and goal, so that successive runs share most rows (rules R2). */
export function drawSeedOf(key: ModelKey, requested?: string): string {
  return requested ?? describeKey(key);
}

/**
 * Seed of the marks: never another for a source, product and goal, or a champion would be judged by rows that
 * it was trained on (rules R3).
 */
export function markSeedOf(key: ModelKey): string {
  return `${describeKey(key)}|mark`;
}

/** Whom a visit's mark goes by: its visitor, or the visit itself where no visitor is known. */
export function markedId(visitId: string, visitor: string | null): string {
  return visitor ?? visitId;
}

/**
 * What a dataset has in place of a visitor: HMAC-SHA-256 under the installation's key, 32 hex digits, so that
 * who has the file alone cannot find the visitor by trying ids.
 */
export function visitorHash(hashKey: string, markedAs: string): string {
  return createHmac('sha256', hashKey).update(markedAs, 'utf8').digest('hex').slice(0, 32);
}
