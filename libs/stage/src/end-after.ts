import type { Until } from '@factory/domain';
import type { Claim, StageResult } from '@factory/ledger';

/** Ends the run with this result if its request asked to stop after `point`. */
export function endAfter(point: Until, claim: Claim, result: StageResult): StageResult {
  if (claim.untilStage !== point) return result;
  return { ...result, events: [], planned: [], end: { outcome: 'skipped', reason: `until-${point}` } };
}
