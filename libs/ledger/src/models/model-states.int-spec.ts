import type { ModelKey } from '@factory/domain';
import { inTransaction } from '../database/transaction';
import { SpecLedger } from '../spec-ledger';
import { ModelStates, lockModelState, setModelState, type ModelState } from './model-states';

describe('states of models', () => {
  let ledger: SpecLedger;
  let states: ModelStates;
  const change = { who: 'ann', reason: 'stock is gone' };
  const keyOf = (product: number): ModelKey => ({ source: 'main', product, goal: 'sale' });

  beforeAll(async () => {
    ledger = await SpecLedger.open();
    states = new ModelStates(ledger.dataSource);
  });

  afterAll(() => ledger.close());

  const set = (key: ModelKey, next?: Pick<ModelState, 'state' | 'until'>): Promise<void> =>
    inTransaction(ledger.dataSource, async (sql) => {
      await lockModelState(sql, key);
      await setModelState(sql, key, next, change);
    });

  it('are none until somebody sets one, and none again when it is released', async () => {
    const key = keyOf(1);
    expect(await states.find(key)).toBeUndefined();
    await set(key, { state: 'retired', until: null });
    expect(await states.find(key)).toMatchObject({
      state: 'retired',
      until: null,
      reason: 'stock is gone',
      by: 'ann',
    });
    expect(await states.find({ ...key, goal: 'signup' })).toBeUndefined();
    expect(await states.list('main')).toMatchObject([{ ...key, state: 'retired' }]);
    await set(key);
    expect(await states.find(key)).toBeUndefined();
    expect(await states.list()).toEqual([]);
  });

  it('are none once the end of a hold has passed', async () => {
    const key = keyOf(2);
    await set(key, { state: 'held', until: new Date(Date.now() + 3_600_000) });
    expect((await states.find(key))?.until?.getTime()).toBeGreaterThan(Date.now());
    await set(key, { state: 'held', until: new Date(Date.now() - 5_000) });
    expect(await states.find(key)).toBeUndefined();
    expect(await states.list()).toEqual([]);
  });

  it('of a later release are not taken for none', async () => {
    const key = keyOf(3);
    await set(key, { state: 'paused' as 'held', until: null });
    await expect(states.find(key)).rejects.toMatchObject({ code: 'newer-version' });
    expect(await states.list()).toEqual([]);
  });

  it('are locked for a product that has no row yet: of two at once one sees what the other has done', async () => {
    const key = keyOf(4);
    const seen = await Promise.all(
      ['one', 'other'].map(() =>
        inTransaction(ledger.dataSource, async (sql) => {
          const before = await lockModelState(sql, key);
          if (!before) await setModelState(sql, key, { state: 'retired', until: null }, change);
          return before?.state;
        }),
      ),
    );
    expect(seen.sort()).toEqual(['retired', undefined]);
  });
});
