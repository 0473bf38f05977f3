import { createConnection } from 'mysql2/promise';

/** @import { Sandbox } from './sandbox.mjs' */

/** One statement for the whole fleet: a process of `factory policy set` per product would take minutes. */
const SET_POLICIES = `
  INSERT INTO factory_policy (source, product, goal, policy, updated_at) VALUES ?
  ON DUPLICATE KEY UPDATE policy = VALUES(policy), updated_at = VALUES(updated_at)`;

/**
 * Loads the given number of small simulated products (about 650 goals and 10 feature columns each) and sets their policy.
 *
 * @param {Sandbox} sandbox
 * @param {{products: number, policy: Record<string, unknown>, source?: string}} options
 * @returns {Promise<{ids: number[], connectionEnv: string}>} ids of the products, and the source's variable
 */
export async function loadFleet(sandbox, { products, policy, source = 'main' }) {
  const shop = await sandbox.factory.simulate(
    // A first model must beat the base rate (rules R8): with few visits and epochs only where features tell much.
    ...['--source', source, '--fleet', String(products), '--features', 'small', '--signal', '3'],
    ...['--reader', `reader_${source.replaceAll('-', '_')}`],
  );
  sandbox.declare(shop);
  const ids = shop.products.map(({ id }) => id);
  const connection = await createConnection(sandbox.env.FACTORY_DATABASE_URL);
  const now = new Date();
  const goal = shop.entry.defaultGoal;
  await connection.query(SET_POLICIES, [ids.map((id) => [source, id, goal, JSON.stringify(policy), now])]);
  await connection.end();
  return { ids, connectionEnv: shop.connectionEnv };
}
