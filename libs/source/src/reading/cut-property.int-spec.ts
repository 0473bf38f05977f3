import { createTestShop, testServers, type TestShop } from '@factory/testing';
import fc from 'fast-check';
import { sourceGrants } from '../access/grants';
import { classesOf, featuresOf } from '../fixtures/classes';
import {
  EVENT_SHOP,
  eventShopSources,
  storeGoals,
  storeVisits,
  type EventVisit,
} from '../fixtures/event-shop';
import { openReading } from '../fixtures/reading';
import { onlySource } from '../fixtures/small-shop';

let shop: TestShop;
const OBSERVE = 300;
const DAY = 86_400;
const range = { product: 7, start: new Date('2023-03-26T00:00:00Z'), end: new Date('2023-03-28T00:00:00Z') };
const GOALS = ['sale', 'soon', 'signup', 'any'] as const;

beforeAll(async () => {
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  await shop.run(EVENT_SHOP);
});
afterAll(() => shop.close());

/** Seconds after the start, dense around the start, the cut and the horizon. */
const seconds = fc.oneof(
  fc.integer({ min: -2, max: 2 }),
  fc.integer({ min: OBSERVE - 2, max: OBSERVE + 2 }),
  fc.integer({ min: DAY + OBSERVE - 1, max: DAY + OBSERVE + 1 }),
  fc.integer({ min: -700, max: 2 * DAY }),
);
const saleRow = fc.record({
  at: fc.option(seconds, { freq: 12 }),
  state: fc.constantFrom('paid', 'paid', 'void'),
  amount: fc.constantFrom(9, 10, 50),
});
const goals = fc.record({
  sales: fc.array(saleRow, { maxLength: 3 }),
  signups: fc.array(seconds, { maxLength: 1 }),
});
const visit = fc.record({
  startMs: fc.integer({ min: 0, max: 2 * DAY - 1 }).map((after) => range.start.getTime() + after * 1000),
  readAt: fc.option(fc.constantFrom(-60, 0, 1, OBSERVE, 4_000)),
  events: fc.array(seconds, { maxLength: 6 }),
  sales: fc.array(saleRow, { maxLength: 2 }),
  signups: fc.array(seconds, { maxLength: 1 }),
});
const visits = fc.array(visit, { minLength: 4, maxLength: 25 });

/** An independent version of rules R3, over the rows themselves. */
function expectedClass(goal: (typeof GOALS)[number], one: EventVisit, cut: number): 'goal' | 'other' | 'out' {
  const paid = (one.sales ?? []).filter(({ at, state }) => at !== null && state === 'paid');
  const sale = paid.filter(({ amount = 50 }) => amount >= 10).map(({ at }) => at as number);
  const times = {
    sale,
    soon: paid.map(({ at }) => at as number),
    signup: [...(one.signups ?? [])],
    any: [...sale, ...(one.signups ?? [])],
  }[goal];
  if (times.some((at) => at < cut)) return 'out';
  const end = goal === 'soon' ? cut + DAY : Infinity;
  return times.some((at) => at < end) ? 'goal' : 'other';
}

const cutOf = {
  'observe: 300': () => OBSERVE,
  'cut: read_at': (one: EventVisit) => one.readAt ?? null,
} as const;

describe.each(['observe: 300', 'cut: read_at'] as const)('%s', (declared) => {
  it('gives every visit the class and the features of the rule, for any rows', async () => {
    const { reader, close } = await openReading(onlySource(eventShopSources(declared)), shop.url);
    await fc.assert(
      fc.asyncProperty(visits, fc.constantFrom(...GOALS), async (all, goal) => {
        await storeVisits(shop, all);
        const found = await classesOf(reader, goal, range);
        const ids = (of: 'goal' | 'other' | 'out') =>
          all.flatMap((one, at) => {
            const cut = cutOf[declared](one);
            return (cut === null ? 'out' : expectedClass(goal, one, cut)) === of ? [String(at + 1)] : [];
          });
        expect([found.goals, found.others]).toEqual([ids('goal'), ids('other')]);
        const noCut = all.filter((one) => cutOf[declared](one) === null).length;
        expect(found.population).toEqual({
          goals: ids('goal').length,
          others: ids('other').length,
          leftOut: { goalBeforeCut: ids('out').length - noCut, noCut, cutTooLate: 0 },
        });
        expect(found.windowSales).toBe(ids('goal').length);
        const features = await featuresOf(
          reader,
          goal,
          all.map((_, at) => String(at + 1)),
        );
        const counted = (from: (cut: number) => number) =>
          all.map((one) => {
            const cut = cutOf[declared](one);
            if (cut === null) return 0;
            return (one.events ?? []).filter((at) => at >= from(cut) && at < cut).length;
          });
        expect(features['clicks']).toEqual(counted(() => 0));
        expect(features['scrolls']).toEqual(counted(() => 0).map((count) => (count === 0 ? NaN : count)));
        expect(features['seen']).toEqual(counted((cut) => cut - 600));
      }),
      { numRuns: 25 },
    );
    await close();
  }, 120_000);

  it('permuting labels changes no feature: goals moved, removed and added at or after the cut', async () => {
    const { reader, close } = await openReading(onlySource(eventShopSources(declared)), shop.url);
    const others = fc.array(goals, { minLength: 25, maxLength: 25 });
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(visits, others, fc.constantFrom(...GOALS), async (all, replacing, goal) => {
        await storeVisits(shop, all);
        const ids = all.map((_, at) => String(at + 1));
        const before = await featuresOf(reader, goal, ids);
        const labels = await classesOf(reader, goal, range);
        const permuted = all.map((one, at): EventVisit => {
          const cut = cutOf[declared](one) ?? 0;
          const atOrAfter = (time: number) => cut + Math.abs(time - cut);
          return {
            ...one,
            sales: replacing[at]!.sales.map((row) => ({
              ...row,
              at: row.at === null ? null : atOrAfter(row.at),
            })),
            signups: replacing[at]!.signups.map(atOrAfter),
          };
        });
        await storeGoals(shop, permuted);
        expect(await featuresOf(reader, goal, ids)).toEqual(before);
        const now = await classesOf(reader, goal, range);
        changed += Number(
          JSON.stringify([now.goals, now.others]) !== JSON.stringify([labels.goals, labels.others]),
        );
      }),
      { numRuns: 25 },
    );
    await close();
    expect(changed).toBeGreaterThan(15);
  }, 120_000);
});
