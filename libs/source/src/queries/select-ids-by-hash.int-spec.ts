import { compareBytes, hash52 } from '@factory/domain';
import { identifier, sql } from '@factory/mysql';
import { createTestShop, testServers, type TestShop } from '@factory/testing';
import { z } from 'zod';
import { sourceGrants } from '../access/grants';
import { openReading, type Reading } from '../fixtures/reading';
import { SMALL_SHOP, SMALL_SHOP_SOURCES, onlySource } from '../fixtures/small-shop';
import { canonical, hash } from './select-ids-by-hash';

let shop: TestShop;
let numbers: Reading;
let words: Reading;
const range = { product: 7, start: new Date('2023-03-01T00:00:00Z'), end: new Date('2023-04-01T00:00:00Z') };
const wordIds = [
  'ä',
  'Ä',
  'straße',
  '東京',
  '😀',
  'ﬁ',
  'e\u0301',
  "o'neil",
  'a|b',
  ' lead',
  'a\\b',
  '%',
].concat(Array.from({ length: 500 }, (_, at) => `id-é-${at}`));
const numberIds = Array.from({ length: 3_000 }, (_, at) => at + 1);

beforeAll(async () => {
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  await shop.run(SMALL_SHOP);
  await shop.run(`
    CREATE TABLE word_visit (visit_id VARCHAR(60) COLLATE utf8mb4_bin PRIMARY KEY, product_id INT, visitor_id INT, visit_time DATETIME);
    CREATE TABLE latin_visit (visit_id VARCHAR(60) CHARACTER SET latin1 PRIMARY KEY);
    CREATE TABLE word_sale (visit_id VARCHAR(60) COLLATE utf8mb4_bin, sale_time DATETIME, KEY by_visit (visit_id))`);
  const visit = (visit_id: number | string) => ({ visit_id, product_id: 7, visit_time: '2023-03-10' });
  await shop.insert('visit', [...numberIds.map(visit), visit('18446744073709551615')]);
  await shop.insert('word_visit', wordIds.map(visit));
  await shop.insert('latin_visit', [{ visit_id: 'ä' }, { visit_id: 'straße' }]);
  const sale = (visit_id: number) => ({ visit_id, sale_time: '2023-03-10', amount: 50, state: 'paid' });
  await shop.insert('sale', [...numberIds.filter((id) => id % 5 === 0).map(sale), sale(5)]);
  numbers = await openReading(onlySource(SMALL_SHOP_SOURCES), shop.url);
  words = await openReading(onlySource(WORD_SOURCES), shop.url);
});
afterAll(async () => {
  await numbers.close();
  await words.close();
  await shop.close();
});

const WORD_SOURCES = `
sources:
  words:
    connectionEnv: SOURCE_WORDS_URL
    products: { table: product, id: product_id }
    visits: { table: word_visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: word_sale, visit: visit_id, time: sale_time } }
    features: [{ table: word_visit, key: visit_id, prefix: w_, missing: unknown }]
`;

/** An independent version of the rule: exactly the n smallest hashes, ties by bytes. */
function smallest(ids: readonly (string | number)[], salt: string, n: number): string[] {
  const hashed = ids.map((id) => ({ id: String(id), hash: hash52(salt, String(id)) }));
  return hashed
    .sort((a, b) => a.hash - b.hash || compareBytes(a.id, b.id))
    .slice(0, n)
    .map((one) => one.id);
}

describe('the hash', () => {
  test.each([
    ['visit', numberIds.length + 1],
    ['word_visit', wordIds.length],
    ['latin_visit', 2],
  ])('in SQL is exactly that of the domain, for every id of %s', async (table, rows) => {
    const id = identifier('v', 'visit_id');
    const query = {
      name: 'hashes',
      sql: sql`SELECT ${canonical(id)}, ${hash('main/sale/7|dräw', id)} FROM ${identifier(table)} v`,
      row: z.tuple([z.string(), z.number()]),
    };
    const found = await numbers.statements.all(query);
    expect(found).toHaveLength(rows);
    expect(found.filter(([text, value]) => hash52('main/sale/7|dräw', text) !== value)).toEqual([]);
  });

  it('gives integers and characters their canonical text', async () => {
    const request = { range, having: 'no-goal', salt: 's', population: 10_000, count: 10_000 } as const;
    const ids = await numbers.reader.snapshot('sale', (snapshot) => snapshot.selectIds(request));
    expect(ids).toContain('18446744073709551615');
    const texts = await words.reader.snapshot('sale', (snapshot) => snapshot.selectIds(request));
    expect([...texts].sort()).toEqual([...wordIds].sort());
  });
});

describe('selectIds', () => {
  const goalIds = numberIds.filter((id) => id % 5 === 0);
  const otherIds = [...numberIds.filter((id) => id % 5 !== 0), '18446744073709551615'];

  test.each([
    ['goal', goalIds, 37],
    ['goal', goalIds, 600],
    ['no-goal', otherIds, 1],
    ['no-goal', otherIds, 500],
    ['no-goal', otherIds, otherIds.length],
  ] as const)('%s: exactly the n smallest hashes, in order', async (having, ids, count) => {
    const request = { range, having, salt: 'seed|draw', population: ids.length, count };
    const drawn = await numbers.reader.snapshot('sale', (snapshot) => snapshot.selectIds(request));
    expect([...drawn]).toEqual(smallest(ids, 'seed|draw', count));
  });

  it('is exact even if the threshold was too low', async () => {
    const request = { range, having: 'goal', salt: 'seed|draw', population: 1e9, count: 300 } as const;
    const drawn = await numbers.reader.snapshot('sale', (snapshot) => snapshot.selectIds(request));
    expect([...drawn]).toEqual(smallest(goalIds, 'seed|draw', 300));
  });

  it('draws independently under another salt', async () => {
    const of = (salt: string) =>
      numbers.reader.snapshot('sale', (snapshot) =>
        snapshot.selectIds({ range, having: 'no-goal', salt, population: otherIds.length, count: 1_200 }),
      );
    const [one, two] = [new Set(await of('seed|draw')), await of('seed|oot')];
    const both = [...two].filter((id) => one.has(id)).length;
    // half of each is drawn, so half of the second is in the first: 600 +- 5 standard deviations
    expect(Math.abs(both - 600)).toBeLessThan(90);
  });
});
