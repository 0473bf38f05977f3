import { DEFAULT_POLICY } from '@factory/domain';
import { SourceAccess, SourcesFile, sourceGrants } from '@factory/source';
import { createTestShop, testServers, type TestShop } from '@factory/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckedColumn } from './checked-input';
import { DrawSample } from './draw-sample';
import { workHere } from './spec-dataset-work';

let shop: TestShop;
let folder: string;
let sample: DrawSample;
const window = {
  start: new Date('2024-03-01T00:00:00Z'),
  trainEnd: new Date('2024-03-25T00:00:00Z'),
  end: new Date('2024-04-01T00:00:00Z'),
};
const SOURCES = `
sources:
  main:
    connectionEnv: SOURCE_MAIN_URL
    products: { table: product, id: product_id }
    visits: { table: visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: sale, visit: visit_id, time: sale_time, filters: [{ column: state, in: [paid], matchesAll: allowed }] } }
    features:
      - { table: agg, key: visit_id, missing: unknown, columns: [pages, device] }
      - { table: extra, key: visit_id, missing: zero }
`;
/** As data-prep found them. */
const CHECKED: CheckedColumn[] = [
  { column: 'agg.pages', readAs: 'number' },
  { column: 'agg.device', readAs: 'category' },
  { column: 'extra.clicks', readAs: 'number' },
  { column: 'extra.colour', readAs: 'category' },
];
const ids = Array.from({ length: 40 }, (_, at) => at + 1);
const SHOP = `
DROP TABLE IF EXISTS product, visit, sale, agg, extra;
CREATE TABLE product (product_id INT PRIMARY KEY);
CREATE TABLE visit (visit_id INT PRIMARY KEY, product_id INT, visit_time DATETIME, KEY by_time (product_id, visit_time));
CREATE TABLE sale (visit_id INT PRIMARY KEY, sale_time DATETIME, state VARCHAR(9));
CREATE TABLE agg (visit_id INT PRIMARY KEY, pages INT, device VARCHAR(9));
CREATE TABLE extra (visit_id INT PRIMARY KEY, clicks INT, colour VARCHAR(9));
INSERT INTO product VALUES (1);
INSERT INTO visit VALUES ${ids.map((id) => `(${id}, 1, '2024-03-10 10:00:00')`).join(', ')};
INSERT INTO sale VALUES ${ids
  .slice(20)
  .map((id) => `(${id}, '2024-03-10 10:10:00', 'paid')`)
  .join(', ')};
INSERT INTO agg VALUES ${ids.map((id) => `(${id}, ${id}, 'phone')`).join(', ')};
INSERT INTO extra VALUES ${ids.map((id) => `(${id}, ${id}, 'red')`).join(', ')};
`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sampling-'));
  writeFileSync(join(folder, 'sources.yaml'), SOURCES);
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  const sources = new SourceAccess(SourcesFile.load(join(folder, 'sources.yaml')), {
    variable: () => shop.url,
    sourceConcurrency: 99,
  });
  sample = new DrawSample(sources, 'key of the spec', workHere);
});
beforeEach(() => shop.run(SHOP));
afterAll(async () => {
  await shop.close();
  rmSync(folder, { recursive: true });
});

const draw = (checked = CHECKED) =>
  sample.execute({ source: 'main', product: 1, goal: 'sale', window, policy: DEFAULT_POLICY, checked });

describe('a source that has changed since data-prep checked it', () => {
  test.each<[change: string, code: string, names: string]>([
    ['DROP TABLE agg', 'missing-table', 'features.0.table'],
    ['DROP TABLE extra', 'missing-table', 'features.1.table'],
    ['RENAME TABLE agg TO agg_old', 'missing-table', 'features.0.table'],
    ['DROP TABLE sale', 'missing-table', 'goals.sale.table'],
    ['DROP TABLE visit', 'missing-table', 'visits.table'],
    ['ALTER TABLE agg DROP COLUMN pages', 'missing-column', 'agg.pages'],
    ['ALTER TABLE agg CHANGE device gadget VARCHAR(9)', 'missing-column', 'agg.device'],
    ['ALTER TABLE agg DROP COLUMN visit_id', 'missing-key-column', 'agg.visit_id'],
    ['ALTER TABLE extra DROP COLUMN clicks', 'missing-column', 'extra.clicks'],
    ['ALTER TABLE extra CHANGE colour shade VARCHAR(9)', 'missing-column', 'extra.colour'],
    ['ALTER TABLE sale DROP COLUMN state', 'missing-column', 'sale.state'],
    ['ALTER TABLE visit MODIFY visit_time VARCHAR(40)', 'not-a-time', 'visit.visit_time'],
    ['ALTER TABLE sale MODIFY sale_time VARCHAR(40)', 'not-a-time', 'sale.sale_time'],
    ['ALTER TABLE sale MODIFY state BLOB', 'wrong-filter-value', 'filters.0'],
    ['ALTER TABLE agg MODIFY visit_id VARCHAR(40)', 'key-type-differs', 'agg.visit_id'],
    ['ALTER TABLE extra MODIFY clicks VARCHAR(40)', 'feature-changed', 'extra.clicks'],
    ['ALTER TABLE extra MODIFY colour TEXT', 'feature-changed', 'extra.colour'],
    ['ALTER TABLE extra MODIFY clicks DATETIME', 'feature-changed', 'extra.clicks'],
    [
      'UPDATE extra SET colour = NULL; ALTER TABLE extra MODIFY colour INT',
      'feature-changed',
      'extra.colour',
    ],
    ['TRUNCATE agg', 'empty-feature-table', 'agg.visit_id'],
    ['TRUNCATE extra', 'empty-feature-table', 'extra.visit_id'],
    ['DELETE FROM extra', 'empty-feature-table', 'extra.visit_id'],
    ['UPDATE extra SET visit_id = visit_id + 1000', 'empty-feature-table', 'extra.visit_id'],
  ])('%s ends its run as %s', async (change, code, names) => {
    await shop.run(
      change.startsWith('ALTER TABLE extra MODIFY clicks DATE')
        ? `UPDATE extra SET clicks = NULL; ${change}`
        : change,
    );
    await expect(draw()).rejects.toMatchObject({
      code,
      retryable: false,
      message: expect.stringContaining(names) as string,
    });
  });

  it('a table that the account may no longer read ends its run as missing', async () => {
    const [, user = ''] = /:\/\/([^:]+):/.exec(shop.url) ?? [];
    const database = new URL(shop.url).pathname.slice(1);
    const account = { user, host: '%', database };
    const others = ['product', 'visit', 'sale', 'agg'];
    const some = others.map((one) => `GRANT SELECT ON \`${database}\`.${one} TO '${user}'@'%'`);
    const temporary = `GRANT CREATE TEMPORARY TABLES ON \`${database}\`.* TO '${user}'@'%'`;
    const revoke = `REVOKE ALL PRIVILEGES, GRANT OPTION FROM '${user}'@'%'`;
    await shop.run([revoke, temporary, ...some].join('; '));
    try {
      await expect(draw()).rejects.toMatchObject({
        code: 'missing-table',
        retryable: false,
        message: expect.stringContaining('"extra": name a table of the database') as string,
      });
    } finally {
      await shop.run([revoke, ...sourceGrants(account)].join('; '));
    }
  });
});

describe('but', () => {
  test.each([
    ['nothing', 'SELECT 1'],
    ['a new column', 'ALTER TABLE extra ADD COLUMN more INT'],
    ['a wider type', 'ALTER TABLE extra MODIFY clicks BIGINT, MODIFY colour VARCHAR(99)'],
    ['a table with few rows', 'DELETE FROM extra WHERE visit_id > 1'],
    [
      'a table that was dropped and created again',
      'CREATE TABLE new LIKE agg; INSERT INTO new SELECT * FROM agg; DROP TABLE agg; RENAME TABLE new TO agg',
    ],
  ])('%s does not fail the run', async (_what, change) => {
    await shop.run(change);
    expect((await draw()).dataset.rows).toBe(40);
  });

  it('a table that was empty when the input was checked may still be empty', async () => {
    await shop.run('TRUNCATE extra');
    expect((await draw(CHECKED.slice(0, 2))).dataset.rows).toBe(40);
  });

  it('a report of an earlier release, without column kinds, is accepted', async () => {
    expect((await draw(CHECKED.map(({ column }) => ({ column })))).dataset.rows).toBe(40);
  });
});
