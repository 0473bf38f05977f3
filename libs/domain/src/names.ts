import { BadInputError } from './errors';

/** Names become NATS subjects, S3 keys and Kubernetes names, so only these characters are allowed. */
export const NAME_PATTERN = /^[a-z0-9-]{1,40}$/;
export const NAME_TODO = 'use 1 to 40 characters of a-z, 0-9 and hyphen';

/**
 * `trainer-plan` is the consumer that plans trials, so no pool may be called `plan` (its consumer is
 * `trainer-<pool>`).
 */
export const POOL_PATTERN = /^(?!plan$)[a-z0-9-]{1,40}$/;
export const POOL_TODO = `${NAME_TODO}; plan is reserved`;

/** The key of every model, message, table row and S3 prefix. */
export interface ModelKey {
  readonly source: string;
  readonly product: number;
  readonly goal: string;
}

/** @throws BadInputError `invalid-name` unless `value` is 1 to 40 characters of a-z, 0-9 and hyphen */
export function checkName(field: string, value: unknown): string {
  if (typeof value === 'string' && NAME_PATTERN.test(value)) return value;
  throw new BadInputError('invalid-name', { field, value, todo: NAME_TODO });
}

/** @throws BadInputError `invalid-name` unless `value` is a valid pool name */
export function checkPoolName(field: string, value: unknown): string {
  if (typeof value === 'string' && POOL_PATTERN.test(value)) return value;
  throw new BadInputError('invalid-name', { field, value, todo: POOL_TODO });
}

/** @throws BadInputError `invalid-product` unless `value` is a positive safe integer */
export function checkProductId(value: unknown, field = 'productId'): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw new BadInputError('invalid-product', {
    field,
    value,
    todo: 'give a positive whole number',
  });
}

/** `<source>.<product>`: the last two tokens of every subject of a run. */
export function subjectKey(key: Pick<ModelKey, 'source' | 'product'>): string {
  return `${key.source}.${key.product}`;
}

/** `<source>/<goal>/<product>`: for logs and for people. */
export function describeKey(key: ModelKey): string {
  return `${key.source}/${key.goal}/${key.product}`;
}
