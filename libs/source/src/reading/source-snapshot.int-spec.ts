import { createTestShop, testServers, type TestShop } from '@factory/testing';
import { sourceGrants } from '../access/grants';
import { openReading, type Reading } from '../fixtures/reading';
import { SMALL_SHOP, TIMED_SHOP_SOURCES, onlySource } from '../fixtures/small-shop';

let shop: TestShop;
let reading: Reading;
const range = { product: 7, start: new Date('2023-03-01T00:00:00Z'), end: new Date('2023-04-01T00:00:00Z') };

beforeAll(async () => {
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  await shop.run(SMALL_SHOP);
  const visit = (visit_id: number, visitor_id: string | null) => ({
    visit_id,
    visitor_id,
    product_id: 7,
    visit_time: '2023-03-10 10:00:00.250',
  });
  await shop.insert('visit', [visit(1, 'anna'), visit(2, null), visit(3, 'Änne'), visit(4, 'anna')]);
  const sale = (visit_id: number, sale_time: string) => ({ visit_id, sale_time, amount: 50, state: 'paid' });
  await shop.insert('sale', [sale(3, '2023-03-10 10:09:00'), sale(3, '2023-03-10 10:05:00')]);
  await shop.run(`INSERT INTO agg_pages VALUES
    (1, 3, 12.25, b'1', 'phone', 40, ' 1.5e1', '2023-01-01', 'text', 5),
    (3, NULL, 0.1, b'0', 'Desktop', 9, ' ', NULL, NULL, 5),
    (4, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 5);
    INSERT INTO click VALUES
    (1, '2023-03-10 10:01:00', 2, 'a'), (1, '2023-03-10 10:02:00', 3, 'b'), (1, '2023-03-10 10:03:00', NULL, NULL),
    (3, '2023-03-10 10:04:59.999', 7, 'x'), (3, '2023-03-10 10:05:00', 100, 'late'), (3, '2023-03-10 10:06:00', 100, 'late'),
    (4, '2023-03-10 10:05:00', NULL, NULL)`);
  reading = await openReading(onlySource(TIMED_SHOP_SOURCES), shop.url);
});
afterAll(async () => {
  await reading.close();
  await shop.close();
});

const keep = ['1', '2', '3', '4'];

describe('a snapshot', () => {
  it('reads time and visitor of the drawn visits by position', async () => {
    const visits = await reading.reader.snapshot('sale', async (snapshot) => {
      await snapshot.keep(['3', '1', '2']);
      return snapshot.readVisits();
    });
    expect([...visits.visitors]).toEqual(['Änne', 'anna', null]);
    expect([...visits.visitTimes]).toEqual(Array(3).fill(Date.parse('2023-03-10T10:00:00.250Z')));
  });

  test.each([
    ["''", null],
    ["'   '", null],
    ['NULL', null],
    ["' anna'", ' anna'],
    ["'anna '", 'anna '],
    ["'0'", '0'],
    ["'null'", 'null'],
  ])('visitor %s is %j: blank visitors are not one person', async (stored, visitor) => {
    await shop.run(`UPDATE visit SET visitor_id = ${stored} WHERE visit_id IN (1, 2)`);
    const { visitors } = await reading.reader.snapshot('sale', async (snapshot) => {
      await snapshot.keep(['1', '2']);
      return snapshot.readVisits();
    });
    await shop.run(
      "UPDATE visit SET visitor_id = 'anna' WHERE visit_id = 1; UPDATE visit SET visitor_id = NULL WHERE visit_id = 2",
    );
    expect([...visitors]).toEqual([visitor, visitor]);
  });

  it('reads features raw: unknown stays unknown, an absent row becomes what the table declares', async () => {
    const columns = await reading.reader.snapshot('sale', async (snapshot) => {
      await snapshot.keep(keep);
      return snapshot.readFeatures();
    });
    const found = Object.fromEntries(
      columns.map((one) => [
        one.name,
        one.kind === 'number' ? [...one.values] : [...one.codes].map((code) => one.levels[code] ?? null),
      ]),
    );
    expect(found).toEqual({
      pages: [3, 0, NaN, 0],
      seconds: [12.25, 0, Math.fround(0.1), NaN],
      is_mobile: [1, 0, 0, NaN],
      device: ['phone', null, 'Desktop', null],
      region_code: ['40', null, '9', null],
      score_text: [15, 0, NaN, NaN],
      clicks: [5, NaN, 107, NaN],
      kind: ['b', null, 'late', null],
    });
    expect(columns.map((one) => (one.kind === 'category' ? one.levels : null)).filter(Boolean)).toEqual([
      ['Desktop', 'phone'],
      ['40', '9'],
      ['b', 'late'],
    ]);
  });

  test.each(['sale', 'signup', 'late', 'any'])('of goal %s has the same features', async (goal) => {
    const clicks = await reading.reader.snapshot(goal, async (snapshot) => {
      await snapshot.keep(keep);
      return (await snapshot.readFeatures()).find((one) => one.name === 'clicks');
    });
    expect(clicks).toMatchObject({ values: Float32Array.of(5, NaN, 107, NaN) });
  });

  it('sees the source as of its start, and blocks nobody', async () => {
    const [before, after] = await reading.reader.snapshot('sale', async (snapshot) => {
      const first = await snapshot.population(range);
      await snapshot.keep(keep);
      await shop.run(
        "INSERT INTO visit VALUES (5, 7, 'late', '2023-03-11'); UPDATE visit SET visitor_id = 'other' WHERE visit_id = 1",
      );
      const { visitors } = await snapshot.readVisits();
      expect(visitors.get(0)).toBe('anna');
      return [first, await snapshot.population(range)];
    });
    expect(after).toEqual(before);
    const now = await reading.reader.population('sale', range);
    expect(now.others).toBe(before.others + 1);
    await shop.run(
      "DELETE FROM visit WHERE visit_id = 5; UPDATE visit SET visitor_id = 'anna' WHERE visit_id = 1",
    );
  });

  it('can be opened again over the same connection, and returns its statements', async () => {
    const ran = await reading.reader.snapshot('sale', async (snapshot) => {
      await snapshot.keep(Array.from({ length: 4_500 }, (_, at) => String(at + 1)));
      return snapshot.ran;
    });
    expect(ran.map(({ name, rows }) => [name, rows])).toEqual([
      ['create-drawn-table', 0],
      ['start-snapshot', 0],
      ['insert-drawn-visits', 4_500],
    ]);
    expect(ran[1]?.sql).toBe('START TRANSACTION WITH CONSISTENT SNAPSHOT');
  });

  it('no statement names the temporary table twice, and none selects into it', async () => {
    const ran = await reading.reader.snapshot('any', async (snapshot) => {
      await snapshot.keep(keep);
      await snapshot.readVisits();
      await snapshot.readFeatures();
      return snapshot.ran;
    });
    expect(ran.map((one) => one.name)).toContain('read-features click');
    expect(ran.filter((one) => one.sql.split('tmp_train_visits').length > 2)).toEqual([]);
    expect(ran.filter((one) => /INSERT[^;]*SELECT|FOR UPDATE|LOCK IN/i.test(one.sql))).toEqual([]);
  });
});

describe('data that is not as declared', () => {
  it('a visit with two rows in a table without event time fails by name', async () => {
    const text = TIMED_SHOP_SOURCES.replace(', time: click_time', '').replace('    observe: 300\n', '');
    const twice = await openReading(onlySource(text), shop.url);
    const reads = twice.reader.snapshot('sale', async (snapshot) => {
      await snapshot.keep(keep);
      return snapshot.readFeatures();
    });
    await expect(reads).rejects.toMatchObject({
      code: 'key-not-unique',
      message: expect.stringContaining('click.visit_id'),
    });
    await twice.close();
  });

  it('a visit that occurs twice in the visits table fails by name', async () => {
    await shop.run(
      `CREATE VIEW doubled AS SELECT * FROM visit UNION ALL SELECT * FROM visit WHERE visit_id = 1`,
    );
    const doubled = await openReading(
      onlySource(TIMED_SHOP_SOURCES.replace('table: visit,', 'table: doubled,')),
      shop.url,
    );
    const reads = doubled.reader.snapshot('sale', async (snapshot) => {
      await snapshot.keep(keep);
      return snapshot.readVisits();
    });
    await expect(reads).rejects.toMatchObject({ code: 'visit-id-not-unique' });
    await doubled.close();
  });
});

describe('tables that are altered while they are read', () => {
  let changing: TestShop;
  beforeAll(async () => {
    changing = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  });
  afterAll(() => changing.close());

  test.each([
    'DROP TABLE agg',
    'DROP TABLE agg; CREATE TABLE agg (visit_id INT PRIMARY KEY, pages INT)',
    'DROP TABLE agg; CREATE TABLE agg (visit_id INT PRIMARY KEY, pages INT); INSERT INTO agg VALUES (1, 9), (2, 9)',
    'CREATE TABLE new LIKE agg; INSERT INTO new VALUES (1, 9); RENAME TABLE agg TO old, new TO agg',
    'TRUNCATE agg',
    'ALTER TABLE agg DROP COLUMN pages',
    'ALTER TABLE agg CHANGE pages clicks INT',
    'ALTER TABLE agg MODIFY pages VARCHAR(20)',
    'ALTER TABLE agg MODIFY pages BIGINT',
    'ALTER TABLE agg ENGINE = InnoDB, FORCE, ADD COLUMN more INT',
  ])('%s: the run is retried, nothing is read', async (change) => {
    const opened = await planted();
    const read = opened.reader.snapshot('sale', async (snapshot) => {
      await snapshot.keep(['1', '2']);
      await snapshot.readVisits();
      await changing.run(change);
      return snapshot.readFeatures();
    });
    await expect(read).rejects.toMatchObject(AGAIN);
    await opened.close();
  });

  test.each([
    'DROP TABLE agg',
    'ALTER TABLE agg DROP COLUMN pages',
    'ALTER TABLE agg CHANGE pages clicks INT',
    'ALTER TABLE agg MODIFY pages VARCHAR(20)',
    'ALTER TABLE agg MODIFY pages BIGINT',
    'ALTER TABLE agg ADD COLUMN more INT',
    'ALTER TABLE visit MODIFY visit_time VARCHAR(40)',
    'ALTER TABLE visit MODIFY visit_time DATE',
    'ALTER TABLE sale DROP COLUMN sale_time',
  ])('%s between the catalogue and the snapshot: the same', async (change) => {
    const opened = await planted();
    await opened.reader.features();
    await changing.run(change);
    const read = opened.reader.snapshot('sale', async (snapshot) => {
      await snapshot.keep(['1', '2']);
      await snapshot.readVisits();
      return snapshot.readFeatures();
    });
    await expect(read).rejects.toMatchObject(AGAIN);
    await opened.close();
  });

  const AGAIN = {
    code: expect.stringMatching(/^source-(changed|statement-failed)$/) as string,
    retryable: true,
  };
  async function planted(): Promise<Reading> {
    await changing.run(`DROP TABLE IF EXISTS product, visit, sale, agg, old, new;
      CREATE TABLE product (product_id INT PRIMARY KEY);
      CREATE TABLE visit (visit_id INT PRIMARY KEY, product_id INT, visit_time DATETIME, KEY by_time (product_id, visit_time));
      CREATE TABLE sale (visit_id INT PRIMARY KEY, sale_time DATETIME);
      CREATE TABLE agg (visit_id INT PRIMARY KEY, pages INT);
      INSERT INTO visit VALUES (1, 1, '2023-03-10'), (2, 1, '2023-03-10');
      INSERT INTO agg VALUES (1, 5), (2, 6)`);
    const definition = onlySource(`
sources:
  main:
    connectionEnv: SOURCE_MAIN_URL
    products: { table: product, id: product_id }
    visits: { table: visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: sale, visit: visit_id, time: sale_time } }
    features: [{ table: agg, key: visit_id, missing: zero }]
`);
    return openReading(definition, changing.url);
  }
});
