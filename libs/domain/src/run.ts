import type { ModelKey } from './names';
import { uuidV5 } from './uuid-v5';

/** Namespace of run ids; changing it would make redelivered requests start duplicate runs. */
const RUN_NAMESPACE = '7a0c3ac5-6f35-5c55-9a3a-2f6d5d1c8f10';

/** How a run ends; every run ends exactly once. */
export const OUTCOMES = ['published', 'kept', 'skipped', 'rejected', 'failed', 'cancelled'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The stages of a run in order; trials and gather are parts of the trainer, like plan. */
export const STAGES = [
  'data-prep',
  'sampling',
  'trainer-plan',
  'trials',
  'gather',
  'evaluator',
  'publisher',
] as const;
export type Stage = (typeof STAGES)[number];

/** The stages after which a request may end its runs without publishing. */
export const UNTIL = ['sampling', 'training', 'evaluation'] as const;
export type Until = (typeof UNTIL)[number];

/** The run's id: the same for the same request, however often it is delivered (rules R11). */
export function runIdOf(requestKey: string, key: ModelKey): string {
  return uuidV5(RUN_NAMESPACE, JSON.stringify([requestKey, key.source, key.product, key.goal]));
}
