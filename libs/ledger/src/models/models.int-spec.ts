import { DEFAULT_POLICY } from '@factory/domain';
import { inTransaction } from '../database/transaction';
import { auditOf } from '../policies/audit';
import { Policies } from '../policies/policies';
import { LEAST_BODIES, SpecLedger, draft, result } from '../spec-ledger';
import { championData } from './champion-data';
import { Champions, replaceChampion, type NewChampion } from './champions';
import { publishedVersions } from './published-versions';

const change = { who: 'ann', reason: 'try' };

describe('what is stored about models', () => {
  let ledger: SpecLedger;
  let champions: Champions;
  let policies: Policies;

  beforeAll(async () => {
    ledger = await SpecLedger.open();
    champions = new Champions(ledger.dataSource);
    policies = new Policies(ledger.dataSource);
  });

  afterAll(() => ledger.close());

  const version = (product: number, name: string): NewChampion => ({
    source: 'main',
    product,
    goal: 'sale',
    version: name,
    location: `models/${name}`,
    manifestSha256: 'c'.repeat(64),
    run: name.padEnd(36, '0'),
    metrics: { rocAuc: 0.9 },
  });
  const put = (next: NewChampion, judged: number): Promise<number | undefined> =>
    inTransaction(ledger.dataSource, (sql) => replaceChampion(sql, next, judged));

  it('is a champion, once something was published', async () => {
    const key = { source: 'main', product: 1, goal: 'sale' };
    expect(await champions.find(key)).toBeUndefined();
    expect(await put(version(1, 'v1'), 0)).toBe(1);
    const { previousVersion, epoch, metrics, since } = (await champions.find(key)) ?? {};
    expect([previousVersion, epoch, metrics]).toEqual([null, 1, { rocAuc: 0.9 }]);
    expect(since).toBeInstanceOf(Date);
    expect(await champions.list('main')).toHaveLength(1);
    expect(await champions.list('elsewhere')).toEqual([]);
  });

  it('is replaced only by a verdict against the champion in force; its predecessor is recorded', async () => {
    expect(await put(version(2, 'v1'), 0)).toBe(1);
    expect(await put(version(2, 'v2'), 0)).toBeUndefined();
    expect(await put(version(2, 'v2'), 2)).toBeUndefined();
    expect(await put(version(2, 'v2'), 1)).toBe(2);
    expect(await put(version(2, 'v1'), 2)).toBe(3);
    const key = { source: 'main', product: 2, goal: 'sale' };
    expect(await champions.find(key)).toMatchObject({ version: 'v1', previousVersion: 'v2', epoch: 3 });
  });

  it.each([
    ['the first', 0],
    ['a later', 1],
  ])('is won by exactly one of many that publish %s version at the same time', async (_, judged) => {
    const product = 30 + judged;
    if (judged > 0) await put(version(product, 'first'), 0);
    const epochs = await Promise.all(
      Array.from({ length: 10 }, (_none, at) => put(version(product, `race-${at}`), judged)),
    );
    expect(epochs.filter((epoch) => epoch !== undefined)).toEqual([judged + 1]);
    const winner = epochs.findIndex((epoch) => epoch !== undefined);
    expect(await champions.find({ source: 'main', product, goal: 'sale' })).toMatchObject({
      version: `race-${winner}`,
      epoch: judged + 1,
    });
  });

  it('is a champion with the days that it was made from, unless its run is gone', async () => {
    const run = await ledger.startRun();
    const { product } = await ledger.runs.find(run);
    const key = { source: 'main', product, goal: 'sale' };
    expect(await championData(ledger.dataSource, key)).toBeUndefined();
    const window = LEAST_BODIES['data.prepared'].window;
    await ledger.did(run, 'data-prep', { output: { window }, events: [draft('model.evaluated')] });
    await ledger.did(run, 'publisher', {
      output: { version: 'v1', location: 'models/v1' },
      end: { outcome: 'published', reason: 'first' },
    });
    await put({ ...version(product, 'v1'), run }, 0);
    expect(await championData(ledger.dataSource, key)).toEqual({ version: 'v1', window });
    await ledger.change('DELETE FROM attrib_propensity_model_run WHERE run_id = ?', [run]);
    expect(await championData(ledger.dataSource, key)).toEqual({ version: 'v1', window: null });
  });

  it('can be rolled back to versions that runs published, newest first', async () => {
    const run = await ledger.startRun();
    const { product } = await ledger.runs.find(run);
    await ledger.did(run, 'data-prep', result(draft('model.evaluated')));
    await ledger.did(run, 'publisher', {
      output: { version: 'v9', location: 'models/v9' },
      end: { outcome: 'published', reason: 'first' },
    });
    const [only, ...more] = await publishedVersions(ledger.dataSource, {
      source: 'main',
      product,
      goal: 'sale',
    });
    expect(only).toMatchObject({ version: 'v9', run, output: { location: 'models/v9' } });
    expect(more).toEqual([]);
  });

  it('follows policies: set fields override the defaults, null restores a default', async () => {
    const key = { source: 'main', product: 5, goal: 'sale' };
    await policies.set(key, { epochs: 7, pool: 'gpu' }, change);
    expect(await policies.set(key, { epochs: null, minSales: 9 }, change)).toEqual({
      ...DEFAULT_POLICY,
      pool: 'gpu',
      minSales: 9,
    });
    expect(await policies.fieldsSet(key)).toEqual({ pool: 'gpu', minSales: 9 });
    const of = await policies.complete('main', 'sale');
    expect([of(5).pool, of(6).pool]).toEqual(['gpu', 'default']);
    expect(await policies.pools()).toEqual(['default', 'gpu']);
    expect(await auditOf(ledger.dataSource, 'main/sale/5')).toMatchObject([
      { action: 'policy-set', details: { epochs: 7, pool: 'gpu' } },
      { action: 'policy-set', details: { epochs: null, minSales: 9 } },
    ]);
  });

  it('refuses an invalid policy, and keeps the old one', async () => {
    const key = { source: 'main', product: 6, goal: 'sale' };
    await expect(policies.set(key, { epochs: 0 }, change)).rejects.toMatchObject({ code: 'invalid-policy' });
    expect(await policies.fieldsSet(key)).toEqual({});
    expect(await auditOf(ledger.dataSource, 'main/sale/6')).toEqual([]);
  });

  describe('that is stored and invalid', () => {
    const stored: readonly [what: string, text: string, field: string, value: unknown][] = [
      ['a value out of range', '{"epochs": 0}', 'policy.epochs', 0],
      ['a value out of range next to an unknown field', '{"epochs": 0, "colour": "red"}', 'policy.epochs', 0],
      ['a pool that cannot be a queue', '{"pool": "Not A Pool"}', 'policy.pool', 'Not A Pool'],
      ['text that is not JSON', '{"epochs": ', 'policy', '{"epochs": '],
      ['a list', '[5]', 'policy', '[5]'],
      ['a text', '"full"', 'policy', '"full"'],
    ];
    const key = { source: 'unsound', product: 8, goal: 'sale' };
    const store = (product: number, text: string): Promise<number> =>
      ledger.change(
        `REPLACE INTO factory_policy (source, product, goal, policy, updated_at)
         VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6))`,
        [key.source, product, key.goal, text],
      );

    it.each(stored)('as %s affects its product only', async (_what, text, field, value) => {
      await store(8, text);
      await store(9, '{"epochs": 9}');
      const of = await policies.complete(key.source, key.goal);
      expect(of(9)).toEqual({ ...DEFAULT_POLICY, epochs: 9 });
      expect(of(10)).toEqual(DEFAULT_POLICY);
      expect(() => of(8)).toThrow(
        expect.objectContaining({
          code: 'invalid-policy',
          refusals: [{ field, value, todo: expect.any(String) as string }],
        }) as Error,
      );
    });

    it.each(stored)('as %s creates no queue for a pool', async (_what, text) => {
      await store(8, text);
      await store(9, '{"pool": "sound"}');
      expect(await policies.pools()).toEqual(['default', 'gpu', 'sound']);
    });

    it.each(stored)('as %s is repaired by setting it', async (_what, text) => {
      await store(8, text);
      expect(await policies.set(key, { epochs: 3, colour: null, pool: null }, change)).toEqual({
        ...DEFAULT_POLICY,
        epochs: 3,
      });
      expect((await policies.complete(key.source, key.goal))(8)).toEqual({ ...DEFAULT_POLICY, epochs: 3 });
    });
  });

  describe('that has a field of a later release', () => {
    const key = { source: 'later', product: 1, goal: 'sale' };
    const stored = { epochs: 9, calibration: { by: 'isotonic' } };

    beforeEach(() =>
      ledger.change(
        `REPLACE INTO factory_policy (source, product, goal, policy, updated_at)
         VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6))`,
        [key.source, key.product, key.goal, JSON.stringify(stored)],
      ),
    );

    it('is applied as far as it is known, and passes the field on', async () => {
      const of = await policies.complete(key.source, key.goal);
      expect(of(key.product)).toEqual({ ...DEFAULT_POLICY, ...stored });
    });

    it('keeps the field when another is set, until it is reset', async () => {
      await policies.set(key, { minSales: 7 }, change);
      expect(await policies.fieldsSet(key)).toEqual({ ...stored, minSales: 7 });
      await policies.set(key, { calibration: null }, change);
      expect(await policies.fieldsSet(key)).toEqual({ epochs: 9, minSales: 7 });
    });

    it('does not allow setting that field', async () => {
      await expect(policies.set(key, { calibration: 'platt' }, change)).rejects.toMatchObject({
        code: 'invalid-policy',
        refusals: [{ field: 'policy.calibration', value: 'platt' }],
      });
      expect(await policies.fieldsSet(key)).toEqual(stored);
    });
  });

  it('loses nothing when two people set different fields at the same time', async () => {
    const key = { source: 'main', product: 7, goal: 'sale' };
    const fields = ['epochs', 'minSales', 'maxPositives', 'maxFeatures', 'rangeDays', 'deadlineSeconds'];
    await Promise.all(fields.map((field) => policies.set(key, { [field]: 50 }, change)));
    expect(Object.keys(await policies.fieldsSet(key)).sort()).toEqual([...fields].sort());
  });
});
