import { consumerOf } from '@factory/contracts';
import { BadInputError, type ModelKey } from '@factory/domain';
import { Champions, Policies, type Change } from '@factory/ledger';
import { explainBrokerError, provision, type Provisioned } from '@factory/messaging';
import type { NatsConnection } from '@nats-io/transport-node';
import type { DataSource } from 'typeorm';
import type { PolicyView } from '../policies/policy-view';
import { productStateHere, sourceOf, type KnownSources, type Unchecked } from '../requests/check-request';

/**
 * A policy of a product that is not there would never be read. Where the source cannot be asked from here, a model
 * that is in force tells as much.
 *
 * @returns what could not be checked; the policy may be set all the same
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
 * Sets fields of a policy; `null` gives a field its default back. Recorded in the audit table.
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
 * Makes the queue of a trainer pool that a policy names; safe to repeat. Streams are left alone: how many copies they
 * have is not known here.
 *
 * @throws FactoryError where the broker is unavailable or not provisioned: `factory provision` makes up for it
 */
export async function provisionPool(broker: NatsConnection, pool: string): Promise<Provisioned['result']> {
  try {
    const [queue] = await provision(broker, { streams: [], consumers: [consumerOf('trials', pool)] });
    return queue?.result ?? 'unchanged';
  } catch (thrown) {
    throw explainBrokerError(thrown);
  }
}
