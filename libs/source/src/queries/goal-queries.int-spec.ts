import { createTestShop, testServers, type TestShop } from '@factory/testing';
import { sourceGrants } from '../access/grants';
import { openReading, type Reading } from '../fixtures/reading';
import { SMALL_SHOP, TIMED_SHOP_SOURCES, onlySource, smallShopSource } from '../fixtures/small-shop';

let shop: TestShop;
let reading: Reading;
const source = smallShopSource();
const end = new Date('2023-04-01T00:00:00Z');
const range = { product: 7, start: new Date('2023-03-01T00:00:00Z'), end };

beforeAll(async () => {
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  await shop.run(SMALL_SHOP);
  await shop.insert('product', [
    { product_id: 7, is_active: 1 },
    { product_id: 9, is_active: 0 },
    { product_id: 3, is_active: 1 },
  ]);
  const visit = (visit_id: number, visit_time: string, product_id = 7) => ({
    visit_id,
    product_id,
    visit_time,
  });
  await shop.insert('visit', [
    visit(1, '2023-03-31 23:59:59.999'),
    visit(2, '2023-03-31 00:00:00.000'),
    visit(3, '2023-03-30 23:59:59.999'),
    visit(4, '2023-03-30 12:00:00.000'),
    visit(5, '2023-03-01 00:00:00.000'),
    visit(6, '2023-02-28 23:59:59.999'),
    visit(7, '2023-04-01 00:00:00.000'),
    visit(8, '2023-03-31 12:00:00.000', 9),
    visit(9, '2023-03-20 12:00:00.000'),
    visit(10, '2023-03-20 13:00:00.000'),
    visit(11, '2023-03-20 14:00:00.000'),
  ]);
  const sale = (visit_id: number, state = 'paid', amount = 10, sale_time = '2023-03-31 10:00:00') => ({
    visit_id,
    state,
    amount,
    sale_time,
  });
  await shop.insert('sale', [
    sale(1),
    sale(1, 'shipped', 99),
    sale(2),
    sale(3),
    sale(5),
    sale(6),
    sale(7),
    sale(8),
    sale(4, 'void'),
    sale(9, 'paid', 9.99, '2023-03-22 11:59:59.999'),
    sale(10, 'paid', 5, '2023-03-22 13:00:00'),
    sale(11, 'paid', 5, '2023-03-20 13:59:59'),
  ]);
  await shop.insert('signup', [
    { visit_id: 1, signup_time: '2023-03-31 10:00:00' },
    { visit_id: 4, signup_time: '2023-03-30 12:05:00' },
  ]);
  reading = await openReading(source, shop.url);
});
afterAll(async () => {
  await reading.close();
  await shop.close();
});

describe('products', () => {
  it('product 0 means the active ones, ascending', async () => {
    expect(await reading.reader.activeProducts()).toEqual([3, 7]);
  });

  test.each([
    [7, 'active'],
    [9, 'inactive'],
    [8, 'unknown'],
  ])('product %i is %s', async (product, state) => {
    expect(await reading.reader.productState(product)).toBe(state);
  });
});

describe('visits with the goal', () => {
  it('are counted by whole days back from the end, half-open, each visit once', async () => {
    const days = await reading.reader.goalVisitsByDayBack('sale', range);
    expect(days).toHaveLength(31);
    expect(days.slice(0, 3)).toEqual([2, 1, 0]);
    expect(days[30]).toBe(1);
    expect(days.reduce((sum, one) => sum + one)).toBe(4);
  });

  it('need a row that passes filters and minimum value', async () => {
    expect(await reading.reader.population('sale', range)).toEqual({ goals: 4, others: 4 });
  });

  it('of an anyOf need a row of any, and count once', async () => {
    expect(await reading.reader.population('any', range)).toEqual({ goals: 5, others: 3 });
  });

  it('with a horizon need a row in [visit time, visit time + horizon)', async () => {
    // of visits 9, 10 and 11 only the first: the second goal is two days after its visit, the third is before
    // it
    const day = {
      product: 7,
      start: new Date('2023-03-20T00:00:00Z'),
      end: new Date('2023-03-21T00:00:00Z'),
    };
    expect(await reading.reader.population('late', day)).toEqual({ goals: 1, others: 2 });
    expect(await reading.reader.population('sale', day)).toEqual({ goals: 0, others: 3 });
  });

  it('of another product are not counted', async () => {
    expect(await reading.reader.population('sale', { ...range, product: 9 })).toEqual({
      goals: 1,
      others: 0,
    });
  });

  it('an end that is not midnight still counts in whole days back', async () => {
    const noon = { ...range, end: new Date('2023-03-31T12:00:00Z') };
    expect((await reading.reader.goalVisitsByDayBack('sale', noon)).slice(0, 2)).toEqual([2, 0]);
  });
});

describe('visit bounds', () => {
  it('are the first and last visit to the millisecond, UTC', async () => {
    expect(await reading.reader.visitBounds(7)).toEqual({
      first: new Date('2023-02-28T23:59:59.999Z'),
      last: new Date('2023-04-01T00:00:00.000Z'),
    });
    expect(await reading.reader.visitBounds(3)).toBeUndefined();
  });
});

describe('feature coverage', () => {
  it('counts visits, those with a row, and known values', async () => {
    await shop.insert('agg_pages', [
      { visit_id: 1, pages: 3, device: null },
      { visit_id: 2, pages: null, device: null },
    ]);
    const timed = await openReading(onlySource(TIMED_SHOP_SOURCES), shop.url);
    const { tables } = await timed.reader.features();
    const [pages, clicks] = tables;
    if (!pages || !clicks) throw new RangeError('the shop has two feature tables');
    const found = await reading.reader.featureCoverage(pages, range, 1_000);
    expect(found).toMatchObject({ visits: 8, withRow: 2, rows: 2 });
    expect([found.known.get('pages'), found.known.get('device')]).toEqual([1, 0]);
    await shop.insert('click', [
      { visit_id: 2, click_time: '2023-03-30 23:59:59.999', clicks: 1 },
      { visit_id: 2, click_time: '2023-03-31 00:00:00', clicks: 1 },
      { visit_id: 2, click_time: '2023-03-31 00:04:59.999', clicks: 1 },
      { visit_id: 2, click_time: '2023-03-31 00:05:00', clicks: 1 },
    ]);
    const counted = await timed.reader.featureCoverage(clicks, range, 1_000);
    await timed.close();
    expect(counted).toMatchObject({
      visits: 8,
      withRow: 1,
      rows: 2,
      known: new Map([
        ['clicks', 2],
        ['kind', 0],
      ]),
    });
    expect((await reading.reader.featureCoverage(pages, range, 3)).visits).toBe(3);
  });
});
