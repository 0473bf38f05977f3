import { randomBytes } from 'node:crypto';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { testServers } from '@factory/testing';
import { loadShop, type LoadOptions } from './load-shop';

jest.setTimeout(60_000);

const adminUrl = testServers().sourceAdminUrl;
const database = `shop_sim_${randomBytes(4).toString('hex')}`;
const options: LoadOptions = {
  source: 'sim',
  database,
  seed: 7,
  end: new Date('2024-04-01T00:00:00Z'),
  days: 28,
  features: 'small',
  products: [
    { id: 1, visits: 3_000, baseRate: 0.15 },
    { id: 2, visits: 500, baseRate: 0.05, active: false, name: 'Fax machine' },
  ],
};

describe('loading a simulated shop', () => {
  let connection: Connection;
  const rows = async (sql: string): Promise<RowDataPacket[]> =>
    (await connection.query<RowDataPacket[]>(sql))[0];
  const number = async (sql: string): Promise<number> => Number(Object.values((await rows(sql))[0]!)[0]);

  beforeAll(async () => {
    connection = await createConnection({ uri: adminUrl, timezone: 'Z' });
  });
  afterAll(async () => {
    await connection.query('DROP DATABASE IF EXISTS ??', [database]);
    await connection.end();
  });

  it('stores every visit with its true propensity, and the reported goals', async () => {
    const seen: number[] = [];
    const shop = await loadShop(adminUrl, options, ({ visits }) => seen.push(visits));
    await connection.query('USE ??', [database]);
    expect(seen).toEqual([3_000, 3_500]);
    expect(shop).toMatchObject({ database, visits: 3_500 });
    expect(await number('SELECT COUNT(*) FROM visit')).toBe(3_500);
    expect(await number('SELECT COUNT(*) FROM visit JOIN sim_true_propensity USING (visit_id)')).toBe(3_500);
    expect(
      await number("SELECT COUNT(DISTINCT visit_id) FROM sale WHERE state = 'paid' AND amount >= 0"),
    ).toBe(shop.goals);
    expect(await rows('SELECT product_id, is_active, name FROM product ORDER BY 1')).toEqual([
      { product_id: 1, is_active: 1, name: 'Product 1' },
      { product_id: 2, is_active: 0, name: 'Fax machine' },
    ]);
  });

  it('sets traps for goals: second sales, cancelled ones and refunds', async () => {
    const sales = await number('SELECT COUNT(*) FROM sale');
    const goals = await number(
      "SELECT COUNT(DISTINCT visit_id) FROM sale WHERE state = 'paid' AND amount >= 0",
    );
    expect(sales).toBeGreaterThan(goals);
    expect(await number("SELECT COUNT(*) FROM sale WHERE state = 'cancelled'")).toBeGreaterThan(0);
  });

  it('describes itself for sources.yaml, without the table of true propensities', async () => {
    const { sourcesYamlEntry } = await loadShop(adminUrl, { ...options, replace: true });
    expect(sourcesYamlEntry).toMatchObject({
      connectionEnv: 'SOURCE_SIM_URL',
      features: [
        { table: 'agg_pages', key: 'visit_id', missing: 'zero', covers: 'whole-visit' },
        { table: 'agg_origin', key: 'visit_id', missing: 'unknown', covers: 'whole-visit' },
      ],
    });
    expect(sourcesYamlEntry).not.toHaveProperty('observe');
    expect(JSON.stringify(sourcesYamlEntry)).not.toContain('propensity');
  });

  it('writes the same rows when it is loaded again with the same seed', async () => {
    const checksum = 'CHECKSUM TABLE visit, sale, agg_pages, agg_origin, sim_true_propensity';
    const before = await rows(checksum);
    await loadShop(adminUrl, { ...options, replace: true });
    expect(await rows(checksum)).toEqual(before);
  });

  it('refuses a database that already contains a shop, and never drops tables that it did not create', async () => {
    await expect(loadShop(adminUrl, options)).rejects.toMatchObject({ code: 'shop-exists' });
    await connection.query('DROP TABLE sim_true_propensity');
    await expect(loadShop(adminUrl, { ...options, replace: true })).rejects.toMatchObject({
      code: 'shop-exists',
    });
    expect(await number('SELECT COUNT(*) FROM visit')).toBe(3_500);
  });

  it('reports that the server is unavailable if nothing listens', async () => {
    await expect(loadShop('mysql://a:b@127.0.0.1:1/shop', options)).rejects.toMatchObject({
      code: 'source-away',
    });
  });
});

describe('a shop with events', () => {
  const events = `shop_sim_${randomBytes(4).toString('hex')}`;
  let connection: Connection;
  const number = async (sql: string): Promise<number> => {
    const [[row]] = await connection.query<RowDataPacket[]>(sql);
    return Number(Object.values(row!)[0]);
  };

  beforeAll(async () => {
    connection = await createConnection({ uri: adminUrl, timezone: 'Z' });
  });
  afterAll(async () => {
    await connection.query('DROP DATABASE IF EXISTS ??', [events]);
    await connection.end();
  });

  it('stores goals from the cut on, early sales, and events on both sides of the cut', async () => {
    const shop = await loadShop(adminUrl, { ...options, database: events, features: 'events' });
    await connection.query('USE ??', [events]);
    const cut = 'visit_time + INTERVAL 300 SECOND';
    const sold = (when: string) =>
      `SELECT COUNT(DISTINCT visit_id) FROM sale JOIN visit USING (visit_id)
       WHERE state = 'paid' AND amount >= 0 AND ${when}`;
    const leftOut = shop.products.reduce((sum, one) => sum + one.leftOut, 0);
    expect(await number(sold(`sale_time < ${cut}`))).toBe(leftOut);
    // one visit in a hundred of 3,500
    expect(Math.abs(leftOut - 35)).toBeLessThan(4 * Math.sqrt(35));
    const early = `SELECT visit_id FROM sale JOIN visit USING (visit_id) WHERE state = 'paid' AND sale_time < ${cut}`;
    expect(await number(`${sold(`sale_time >= ${cut}`)} AND visit_id NOT IN (${early})`)).toBe(shop.goals);
    for (const side of ['<', '>=']) {
      for (const table of ['page_ping', 'search']) {
        const count = `SELECT COUNT(*) FROM ${table} JOIN visit USING (visit_id) WHERE event_time ${side} ${cut}`;
        expect(await number(count)).toBeGreaterThan(1_000);
      }
    }
    expect(
      await number(
        'SELECT COUNT(*) FROM service_call JOIN visit USING (visit_id) WHERE event_time >= visit_time',
      ),
    ).toBe(0);
    expect(shop.sourcesYamlEntry).toMatchObject({
      observe: 300,
      features: [
        { table: 'agg_origin', covers: 'before-visit' },
        { table: 'page_ping', time: 'event_time', missing: 'zero' },
        { table: 'search', time: 'event_time', missing: 'unknown' },
        { table: 'service_call', time: 'event_time', lookback: 30 * 86_400 },
      ],
    });
    expect(shop.products[0]!.oracleAuc).toBeGreaterThan(0.65);
  });
});
