import { Champions, auditOf, inTransaction, replaceChampion } from '@factory/ledger';
import { connectBroker, factoryPlan, provision } from '@factory/messaging';
import { restartableServer } from '@factory/testing';
import { policyView } from '../policies/policy-view';
import type { KnownSources } from '../requests/check-request';
import { SpecFleet, change } from '../spec-fleet';
import { checkPolicyKey, provisionPool, setPolicy } from './set-policy';

let fleet: SpecFleet;
beforeAll(async () => {
  fleet = await SpecFleet.open();
});
afterAll(() => fleet?.close());

const nothingDeclared: KnownSources = {
  declared: () => undefined,
  reading: () => {
    throw new RangeError('nothing is declared');
  },
};

describe('setting a policy', () => {
  it('changes the fields that are named, and gives one its default back', async () => {
    const key = fleet.newKey();
    const first = await setPolicy(fleet.ledger, key, { grid: 'quick', minOutOfTimeGoals: 7 }, change);
    expect(first).toMatchObject({ ...key, set: { grid: 'quick', minOutOfTimeGoals: 7 } });
    const second = await setPolicy(fleet.ledger, key, { grid: null }, { who: 'bob', reason: 'as before' });
    expect(second.set).toEqual({ minOutOfTimeGoals: 7 });
    expect(second.policy).toMatchObject({ grid: 'standard', minOutOfTimeGoals: 7 });
    expect(await policyView(fleet.ledger, key)).toEqual(second);
    expect(await policyView(fleet.ledger, fleet.newKey())).toMatchObject({ set: {} });
    const audit = await auditOf(fleet.ledger, `${key.source}/${key.goal}/${key.product}`);
    expect(audit.map(({ who, reason }) => [who, reason])).toEqual([
      ['ann', 'drift'],
      ['bob', 'as before'],
    ]);
  });

  it('with a value that is wrong changes nothing', async () => {
    const key = fleet.newKey();
    await expect(
      setPolicy(fleet.ledger, key, { grid: 'huge', minOutOfTimeGoals: 7 }, change),
    ).rejects.toMatchObject({ code: 'invalid-policy' });
    expect((await policyView(fleet.ledger, key)).set).toEqual({});
    expect(await auditOf(fleet.ledger, `${key.source}/${key.goal}/${key.product}`)).toEqual([]);
  });

  it('of a product that nothing here knows is allowed, and said', async () => {
    const key = fleet.newKey();
    expect(await checkPolicyKey(fleet.ledger, nothingDeclared, key)).toEqual({ what: 'names' });
    const version = { version: 'v1', location: 's3://b/v1', manifestSha256: 'b'.repeat(64), metrics: {} };
    const run = await fleet.startRun('policy-champion', key);
    await inTransaction(fleet.ledger, (sql) => replaceChampion(sql, { ...key, ...version, run }, 0));
    expect(await new Champions(fleet.ledger).find(key)).toMatchObject({ version: 'v1' });
    expect(await checkPolicyKey(fleet.ledger, nothingDeclared, key)).toBeUndefined();
  });
});

describe('the queue of a pool', () => {
  it('is made once, where the broker is provisioned', async () => {
    const server = await restartableServer('broker');
    const broker = await connectBroker({ url: server.env['NATS_URL'] ?? '', name: 'fleet spec' });
    try {
      await expect(provisionPool(broker, 'gpu')).rejects.toThrow(/factory provision/);
      await provision(broker, factoryPlan());
      expect(await provisionPool(broker, 'gpu')).toBe('created');
      expect(await provisionPool(broker, 'gpu')).toBe('unchanged');
    } finally {
      await broker.close();
      await server.dispose();
    }
  }, 60_000);
});
