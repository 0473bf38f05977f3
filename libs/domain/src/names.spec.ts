import * as fc from 'fast-check';
import { POOL_TODO, checkName, checkPoolName, checkProductId, describeKey, subjectKey } from './names';

const letters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789-');
const names = fc.string({ unit: letters, minLength: 1, maxLength: 40 });
const products = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

describe('a name', () => {
  it('may be any 1 to 40 of a-z, 0-9 and hyphen', () => {
    fc.assert(fc.property(names, (name) => expect(checkName('source', name)).toBe(name)));
  });

  it('may contain no other character, at any position', () => {
    const strange = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 1 })
      .filter((one) => !/[a-z0-9-]/.test(one));
    const half = fc.string({ unit: letters, maxLength: 19 });
    fc.assert(
      fc.property(half, strange, half, (before, one, after) => {
        expect(() => checkName('goal', before + one + after)).toThrow(
          expect.objectContaining({
            code: 'invalid-name',
            refusal: expect.objectContaining({ field: 'goal' }),
          }) as Error,
        );
      }),
    );
  });

  it.each(['', 'a'.repeat(41), 'a\n', 'Shop', 'a.b', 'a>', '*', 'a/b', 'ä', 7, null, undefined, ['a']])(
    'is refused with field, value and what to do: %j',
    (value) => {
      expect(() => checkName('source', value)).toThrow(
        expect.objectContaining({
          refusal: { field: 'source', value, todo: 'use 1 to 40 characters of a-z, 0-9 and hyphen' },
        }) as Error,
      );
    },
  );

  it('may be a pool’s unless it is plan: the consumer trainer-plan belongs to no pool', () => {
    expect(['default', 'gpu', 'plan-b', 'planner'].map((name) => checkPoolName('pool', name))).toHaveLength(
      4,
    );
    for (const value of ['plan', 'GPU', '', 7])
      expect(() => checkPoolName('POOLS', value)).toThrow(
        expect.objectContaining({
          code: 'invalid-name',
          refusal: { field: 'POOLS', value, todo: POOL_TODO },
        }) as Error,
      );
  });
});

describe('a product id', () => {
  it('may be any positive whole number that a double represents exactly', () => {
    fc.assert(fc.property(products, (id) => expect(checkProductId(id)).toBe(id)));
  });

  it.each([0, -1, 1.5, Number.NaN, Infinity, Number.MAX_SAFE_INTEGER + 1, '7', null, true])(
    'is refused otherwise: %p',
    (value) => {
      expect(() => checkProductId(value, 'product')).toThrow(
        expect.objectContaining({
          code: 'invalid-product',
          refusal: { field: 'product', value, todo: 'give a positive whole number' },
        }) as Error,
      );
    },
  );
});

describe('the key of a model', () => {
  it('becomes two tokens of a subject, from which source and product can be read back', () => {
    fc.assert(
      fc.property(names, products, (source, product) => {
        expect(subjectKey({ source, product }).split('.')).toEqual([source, String(product)]);
      }),
    );
  });

  it('is shown as source/goal/product', () => {
    expect(describeKey({ source: 'shop-de', product: 7, goal: 'sale' })).toBe('shop-de/sale/7');
  });
});
