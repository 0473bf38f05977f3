import { createTestShop, testServers, type TestShop } from '@factory/testing';
import { sourceGrants } from '../access/grants';
import { openReading } from '../fixtures/reading';
import { SMALL_SHOP, SMALL_SHOP_SOURCES, TIMED_SHOP_SOURCES, onlySource } from '../fixtures/small-shop';

let shop: TestShop;

beforeAll(async () => {
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  await shop.run(SMALL_SHOP);
  await shop.run(`CREATE VIEW visit_view AS SELECT * FROM visit;
    CREATE TABLE word_pages (visit_id VARCHAR(40) PRIMARY KEY, pages INT);
    CREATE TABLE more_pages (visit_id BIGINT UNSIGNED PRIMARY KEY, pages INT, label INT);
    CREATE TABLE day_signup (visit_id BIGINT UNSIGNED PRIMARY KEY, signup_day DATE);
    CREATE TABLE day_visit (visit_id BIGINT UNSIGNED PRIMARY KEY, product_id INT, visitor_id VARCHAR(40), visit_time DATE, KEY (visit_time));
    CREATE TABLE raw_ids (visit_id BINARY(16) PRIMARY KEY, product_id INT, visitor_id INT, visit_time DATETIME);`);
});
afterAll(() => shop.close());

async function check(text: string, goal?: string) {
  const reading = await openReading(onlySource(text), shop.url);
  const faults = await reading.reader.checkCatalogue(goal);
  const features = await reading.reader.features();
  await reading.close();
  return { faults, features };
}

/** Removes `observe` if no event table is left: there is nothing to cut then. */
function withoutIdleCut(text: string): string {
  return text.includes('time: click_time') ? text : text.replace('    observe: 300\n', '');
}

describe('the catalogue check', () => {
  it('finds no fault in tables that are as declared', async () => {
    expect((await check(TIMED_SHOP_SOURCES)).faults).toEqual([]);
  });

  test.each([
    [
      'products: { table: product,',
      'products: { table: produkt,',
      'missing-table',
      'error',
      'products.table',
    ],
    ['active: is_active', 'active: activ', 'missing-column', 'error', 'products.active'],
    ['time: visit_time', 'time: visited', 'missing-column', 'error', 'visits.time'],
    ['time: visit_time', 'time: product_id', 'not-a-time', 'error', 'visits.time'],
    ['product: product_id', 'product: visitor_id', 'not-a-number', 'error', 'visits.product'],
    ['value: amount', 'value: state', 'not-a-number', 'error', 'goals.sale.value'],
    ['column: state, in', 'column: status, in', 'missing-column', 'error', 'goals.sale.filters.0.column'],
    [
      'table: click, key: visit_id',
      'table: click, key: visit',
      'missing-key-column',
      'error',
      'features.1.key',
    ],
    ['table: agg_pages', 'table: word_pages', 'key-type-differs', 'error', 'features.0.key'],
    [
      'table: click, key: visit_id, time: click_time',
      'table: click, key: visit_id',
      'not-unique',
      'warning',
      'features.1.key',
    ],
    ['visits: { table: visit,', 'visits: { table: visit_view,', 'not-unique', 'warning', 'visits.id'],
    ['visits: { table: visit,', 'visits: { table: raw_ids,', 'unsupported-id-type', 'error', 'visits.id'],
    ['observe: 300', 'cut: read_at', 'missing-column', 'error', 'cut'],
    ['observe: 300', 'cut: visitor_id', 'not-a-time', 'error', 'cut'],
    [
      'signup: { table: signup, visit: visit_id, time: signup_time }',
      'signup: { table: day_signup, visit: visit_id, time: signup_day }',
      'day-without-time',
      'warning',
      'goals.signup.time',
    ],
    ['exclude: [secret]', 'exclude: [secrets]', 'missing-column', 'error', 'features.0.exclude.0'],
    [
      '{ table: click, key: visit_id, time: click_time,',
      '{ table: more_pages, key: visit_id,',
      'duplicate-feature-name',
      'error',
      'features',
    ],
    [
      '{ table: click, key: visit_id, time: click_time,',
      '{ table: more_pages, key: visit_id,',
      'reserved-feature-name',
      'error',
      'features',
    ],
  ])('%s -> %s: %s', async (from, to, code, severity, field) => {
    const { faults } = await check(withoutIdleCut(TIMED_SHOP_SOURCES.replace(from, to)));
    expect(faults).toContainEqual(
      expect.objectContaining({ code, severity, field: `sources.main.${field}`, todo: expect.any(String) }),
    );
  });

  test.each([
    ['a goal by days', 'day_signup, visit: visit_id, time: signup_day', 2, 'visit', ['goals.signup.time']],
    ['visits by days', 'signup, visit: visit_id, time: signup_time', 2, 'day_visit', ['visits.time']],
    [
      'both by days',
      'day_signup, visit: visit_id, time: signup_day',
      2,
      'day_visit',
      ['goals.signup.time', 'visits.time'],
    ],
    ['neither', 'signup, visit: visit_id, time: signup_time', 2, 'visit', []],
    ['no horizon', 'day_signup, visit: visit_id, time: signup_day', 0, 'day_visit', []],
  ])('without a cut, dates without time of day are reported if goals have a horizon: %s', async (...row) => {
    const [, goal, horizonDays, visits, warned] = row;
    const text = SMALL_SHOP_SOURCES.replace(
      'table: signup, visit: visit_id, time: signup_time',
      `table: ${goal}, horizonDays: ${horizonDays}`,
    ).replace('visits: { table: visit,', `visits: { table: ${visits},`);
    const { faults } = await check(text, 'signup');
    const days = faults.filter((one) => one.code === 'day-without-time');
    expect(days.map((one) => one.field).sort()).toEqual(warned.map((one) => `sources.main.${one}`));
    expect(days.every((one) => one.severity === 'warning')).toBe(true);
  });

  it('reports all faults together', async () => {
    const text = TIMED_SHOP_SOURCES.replace('active: is_active', 'active: a').replace(
      'value: amount',
      'value: b',
    );
    expect((await check(text)).faults.map((one) => one.value)).toEqual(['product.a', 'sale.b']);
  });
});

describe('feature columns', () => {
  it('follow from the types, with declared exceptions, and the rest is dropped with a reason', async () => {
    const { features } = await check(TIMED_SHOP_SOURCES);
    expect(features.tables[0]?.columns.map(({ name, kind }) => [name, kind])).toEqual([
      ['pages', 'number'],
      ['seconds', 'number'],
      ['is_mobile', 'number'],
      ['device', 'category'],
      ['region_code', 'category'],
      ['score_text', 'number'],
    ]);
    expect(features.dropped).toEqual([
      { column: 'agg_pages.visit_id', reason: 'id' },
      { column: 'agg_pages.first_seen', reason: 'date' },
      { column: 'agg_pages.note', reason: 'id-like text' },
      { column: 'agg_pages.secret', reason: 'excluded' },
      { column: 'click.visit_id', reason: 'id' },
      { column: 'click.click_time', reason: 'date' },
    ]);
  });

  it('are only the declared ones, under the prefix', async () => {
    const text = TIMED_SHOP_SOURCES.replace(
      'exclude: [secret]',
      'columns: [pages, region_code, score_text]\n        prefix: p_',
    );
    const { features } = await check(text);
    expect(features.tables[0]?.columns.map((one) => one.name)).toEqual([
      'p_pages',
      'p_region_code',
      'p_score_text',
    ]);
  });

  it('in a wide table never are the product, the visitor, or a column that a goal reads', async () => {
    await shop.run(`CREATE TABLE contact (contact_id INT PRIMARY KEY, product_id INT, visitor_id INT,
      contact_time DATETIME, answer VARCHAR(5), amount INT, age INT, KEY by_time (product_id, contact_time))`);
    const { faults, features } = await check(`
sources:
  wide:
    connectionEnv: SOURCE_WIDE_URL
    products: { table: product, id: product_id }
    visits: { table: contact, id: contact_id, product: product_id, visitor: visitor_id, time: contact_time }
    defaultGoal: sale
    goals:
      sale: { table: contact, visit: contact_id, time: contact_time, value: amount, filters: [{ column: answer, in: ['yes'] }] }
    features: [{ table: contact, key: contact_id, missing: unknown }]
`);
    expect(faults).toEqual([]);
    expect(features.tables[0]?.columns.map((one) => one.name)).toEqual(['age']);
    expect(Object.fromEntries(features.dropped.map((one) => [one.column, one.reason]))).toEqual({
      'contact.contact_id': 'id',
      'contact.product_id': 'product',
      'contact.visitor_id': 'id',
      'contact.contact_time': 'label',
      'contact.answer': 'label',
      'contact.amount': 'label',
    });
  });
});
