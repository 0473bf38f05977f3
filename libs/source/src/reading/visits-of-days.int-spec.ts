import { createTestShop, testServers, type TestShop } from '@factory/testing';
import { z } from 'zod';
import { sourceGrants } from '../access/grants';
import { openReading } from '../fixtures/reading';
import { SMALL_SHOP, SMALL_SHOP_SOURCES, TIMED_SHOP_SOURCES, onlySource } from '../fixtures/small-shop';
import { countVisitsByDay } from '../queries/count-visits-by-day';
import type { SourceReader } from './source-reader';

let shop: TestShop;
const range = {
  product: 7,
  start: new Date('2023-03-28T22:00:00Z'),
  end: new Date('2023-03-31T22:00:00Z'),
};
/** A view of the visits, in which some are there twice; a feature table without an index. */
const MORE = `
CREATE TABLE visit_log (visit_id BIGINT UNSIGNED NOT NULL, product_id INT NOT NULL, visitor_id VARCHAR(40) NULL,
  visit_time DATETIME(3) NOT NULL, day_back INT NULL, read_at DATETIME NULL, KEY by_time (product_id, visit_time));
CREATE TABLE unindexed (visit_id BIGINT UNSIGNED NOT NULL, seen INT NULL);
`;
const visits = (table: string) =>
  SMALL_SHOP_SOURCES.replace('visits: { table: visit,', `visits: { table: ${table},`);

beforeAll(async () => {
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  await shop.run(SMALL_SHOP + MORE);
  const visit = (visit_id: number, visit_time: string, product_id = 7) => ({
    visit_id,
    product_id,
    visit_time,
  });
  const all = [
    visit(1, '2023-03-31 21:59:59.999'),
    visit(2, '2023-03-31 12:00:00'),
    visit(3, '2023-03-30 22:00:00'),
    visit(4, '2023-03-30 21:59:59.999'),
    visit(5, '2023-03-28 22:00:00'),
    visit(6, '2023-03-28 21:59:59.999'),
    visit(7, '2023-03-31 22:00:00'),
    visit(8, '2023-03-31 12:00:00', 9),
  ];
  await shop.insert('visit', all);
  await shop.insert(
    'visit_log',
    [...all, all[1]!, all[1]!].map((one, at) => ({ ...one, day_back: at, read_at: one.visit_time })),
  );
  await shop.run('UPDATE visit_log SET read_at = NULL WHERE visit_id = 1');
  await shop.insert(
    'agg_pages',
    [1, 3, 4, 8].map((visit_id) => ({ visit_id, pages: null })),
  );
  // Of visit 2 before the cut, twice; of visit 3 after it.
  await shop.insert('click', [
    { visit_id: 2, click_time: '2023-03-31 12:01:00' },
    { visit_id: 2, click_time: '2023-03-31 12:02:00' },
    { visit_id: 3, click_time: '2023-03-30 22:05:00' },
  ]);
  await shop.insert(
    'unindexed',
    [1, 1, 5, 8].map((visit_id) => ({ visit_id, seen: 1 })),
  );
});
afterAll(() => shop.close());

async function read<T>(sources: string, work: (reader: SourceReader) => Promise<T>): Promise<T> {
  const reading = await openReading(onlySource(sources), shop.url);
  try {
    return await work(reading.reader);
  } finally {
    await reading.close();
  }
}

describe('the visits of a range', () => {
  const of = (visits: number, distinctVisits = visits, labelled = visits) => ({
    ...{ visits, distinctVisits, labelled },
  });

  it('are counted by days of 24 hours back from its end, half-open, of its product alone', async () => {
    expect(await read(SMALL_SHOP_SOURCES, (reader) => reader.visitsByDayBack(range))).toEqual([
      of(3),
      of(1),
      of(1),
    ]);
    const before = { ...range, start: new Date('2023-03-20T00:00:00Z'), end: range.start };
    expect(await read(SMALL_SHOP_SOURCES, (reader) => reader.visitsByDayBack(before))).toEqual([of(1)]);
  });

  it('are told from duplicates where no index makes ids unique', async () => {
    expect(await read(visits('visit_log'), (reader) => reader.visitsByDayBack(range))).toEqual([
      of(5, 3),
      of(1),
      of(1),
    ]);
  });

  it('are told from those that cannot be labelled by their cut', async () => {
    const cut = `${visits('visit_log')}      - { table: click, key: visit_id, time: click_time, missing: zero }
    cut: read_at
`;
    const latestCut = new Date('2023-03-30T21:00:00Z');
    expect(await read(cut, (reader) => reader.visitsByDayBack({ ...range, latestCut }))).toEqual([
      of(5, 3, 0),
      of(1, 1, 0),
      of(1),
    ]);
  });

  it('need the index of product and time alone', async () => {
    const { statements, close } = await openReading(onlySource(SMALL_SHOP_SOURCES), shop.url);
    const { text, values } = countVisitsByDay(onlySource(SMALL_SHOP_SOURCES), range, true).sql;
    const explain = { text: `EXPLAIN FORMAT=TRADITIONAL ${text}`, values };
    const row = z.array(z.unknown());
    const plan = await statements.all({ name: 'explain', sql: explain, row });
    await close();
    expect(plan.map((one) => [one.includes('by_time'), /Using index(;|$)/.test(String(one.at(-1)))])).toEqual(
      [[true, true]],
    );
  });
});

describe('visits with a row in feature tables', () => {
  const day = (lookedUp: number, tables: Record<string, number>) => ({ lookedUp, tables });

  it('are counted by day, each once, with or without an index on the key', async () => {
    const three = `${SMALL_SHOP_SOURCES}      - { table: unindexed, key: visit_id, missing: zero }\n`;
    expect(await read(three, (reader) => reader.tableVisitsByDayBack(range, 1))).toEqual([
      day(3, { agg_pages: 2, unindexed: 1 }),
      day(1, { agg_pages: 1, unindexed: 0 }),
      day(1, { agg_pages: 0, unindexed: 1 }),
    ]);
  });

  it('of events only by those that count', async () => {
    const found = await read(TIMED_SHOP_SOURCES, (reader) => reader.tableVisitsByDayBack(range, 1));
    expect(found[0]).toEqual(day(3, { agg_pages: 2, click: 1 }));
  });

  it('may be looked up of a share of the visits, the same ones in every table', async () => {
    await shop.run(`INSERT INTO visit (visit_id, product_id, visit_time)
      SELECT 1000 + a.n * 50 + b.n, 11, '2023-03-30 12:00:00' FROM (${numbers(40)}) a, (${numbers(50)}) b`);
    await shop.run('INSERT INTO agg_pages (visit_id) SELECT visit_id FROM visit WHERE product_id = 11');
    const of = { ...range, product: 11 };
    const shares = await read(SMALL_SHOP_SOURCES, (reader) => reader.tableVisitsByDayBack(of, 0.2));
    const { lookedUp, tables } = shares[1]!;
    // 2,000 visits: 400 are expected, with a standard deviation of 18.
    expect(lookedUp).toBeGreaterThan(310);
    expect(lookedUp).toBeLessThan(490);
    expect(tables).toEqual({ agg_pages: lookedUp });
  });
});

function numbers(to: number): string {
  return Array.from({ length: to }, (_, n) => `SELECT ${n} AS n`).join(' UNION ALL ');
}
