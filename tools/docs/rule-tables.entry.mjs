/* Source of the tables of docs/rules.md and docs/architecture.md: the code itself, compiled and loaded. */
export { EVENTS, REQUESTS_CONSUMER, STAGE_CHAIN, STREAMS, consumerOf } from '@factory/contracts';
export {
  CHECK_CODES,
  CHECK_RULES,
  DEFAULT_CHECK_LIMITS,
  LIMIT_UNITS,
  VERDICT_RULES,
} from '@factory/judgement';
export { GRID_NAMES, POLICY_FIELDS, expandGrid } from '@factory/domain';
