import { consumerOf } from '@factory/contracts';
import { BadInputError, type ModelKey } from '@factory/domain';
import { Champions, Policies, type Change } from '@factory/ledger';
import { explainBrokerError, provision, type Provisioned } from '@factory/messaging';
import type { NatsConnection } from '@nats-io/transport-node';
import type { DataSource } from 'typeorm';
import type { PolicyView } from '../policies/policy-view';
import { productStateHere, sourceOf, type KnownSources, type Unchecked } from '../requests/check-request';

/**
 * A policy of a product that does not exist would never be used. If the source cannot be read from here, a
 * model in force is sufficient proof that the product exists.
 *
 * @returns what could not be checked; the policy may be set nevertheless
 * @throws BadInputError `unknown-product`, `unknown-source`; ServerAwayError
 */
export async function checkPolicyKey(
  ledger: DataSource,
  sources: KnownSources,
  key: ModelKey,
): Promise<Unchecked | undefined> {
  if ((await new Champions(ledger).find(key)) !== undefined) return undefined;
  const file = sources.declared();
  if (!file) return { what: 'names' };
  const { table } = sourceOf(file, key.source).products;
  const state = await productStateHere(sources, file, key.source, key.product);
  if (state === undefined) return { what: 'product', source: key.source, product: key.product };
  if (state !== 'unknown') return undefined;
  throw new BadInputError('unknown-product', {
    field: 'product',
    value: key.product,
    todo: `use an id of table ${table} in source ${key.source}`,
  });
}

/**
 * Sets fields of a policy; `null` restores a field's default. Recorded in the audit table.
 *
 * @throws BadInputsError `invalid-policy`; ServerAwayError
 */
export async function setPolicy(
  ledger: DataSource,
  key: ModelKey,
  fields: Readonly<Record<string, unknown>>,
  change: Change,
): Promise<PolicyView> {
  const policies = new Policies(ledger);
  const policy = await policies.set(key, fields, change);
  return { ...key, policy, set: await policies.fieldsSet(key) };
}

/**
 * Creates the queue of a trainer pool that a policy names; safe to repeat. Streams are not changed: their
 * number of replicas is not known here.
 *
 * @throws FactoryError if the broker is unavailable or not provisioned: `factory provision` creates the queue
 * later
 */
export async function provisionPool(broker: NatsConnection, pool: string): Promise<Provisioned['result']> {
  try {
    const [queue] = await provision(broker, { streams: [], consumers: [consumerOf('trials', pool)] });
    return queue?.result ?? 'unchanged';
  } catch (thrown) {
    throw explainBrokerError(thrown);
  }
}
