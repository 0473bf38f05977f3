import { createHmac } from 'node:crypto';
import { describeKey, type ModelKey } from '@factory/domain';

/** Seed of the draw: fixed per source, product and goal, so that successive runs share most rows (rules R2). */
export function drawSeedOf(key: ModelKey, requested?: string): string {
  return requested ?? describeKey(key);
}

/**
 * Seed of the marks: it never changes for a source, product and goal, or a champion would be judged on rows
 * that it was trained on (rules R3).
 */
export function markSeedOf(key: ModelKey): string {
  return `${describeKey(key)}|mark`;
}

/** Seed of the halves: as fixed as that of the marks, so that a visitor stays in the same half (rules R3). */
export function halfSeedOf(key: ModelKey): string {
  return `${describeKey(key)}|half`;
}

/** The id that decides a visit's mark and half: its visitor, or the visit itself if the visitor is unknown. */
export function markedId(visitId: string, visitor: string | null): string {
  return visitor ?? visitId;
}

/**
 * Replaces a visitor in datasets: HMAC-SHA-256 under the installation's key, 32 hex digits, so that with the
 * file alone nobody can find the visitor by trying ids.
 */
export function visitorHash(hashKey: string, markedAs: string): string {
  return createHmac('sha256', hashKey).update(markedAs, 'utf8').digest('hex').slice(0, 32);
}
