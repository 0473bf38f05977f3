import { BadInputsError, codeOf, runIdOf } from '@factory/domain';
import {
  connectLedger,
  leftOutProductsOf,
  migrateLedger,
  ModelStates,
  Policies,
  Requests,
  Runs,
  SourceWaits,
  sqlOf,
} from '@factory/ledger';
import { SourceAccess, sourceGrants, SourcesFile } from '@factory/source';
import { SourcePatience } from '@factory/stage';
import {
  createTestShop,
  freshDatabase,
  testServers,
  type FreshDatabase,
  type TestShop,
} from '@factory/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { TakeRequest } from './take-request';

const SOURCES = `
sources:
  shop:
    connectionEnv: SHOP_URL
    products: { table: product, id: id, active: is_active }
    visits: { table: visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals:
      sale: { table: sale, visit: visit_id, time: sale_time }
      paid: { table: sale, visit: visit_id, time: sale_time, filters: [{ column: state, in: [1] }] }
    features: [{ table: agg, key: visit_id, missing: zero }]
`;
let folder: string;
let shop: TestShop;
let database: FreshDatabase;
let dataSource: DataSource;
let asked = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'odd-products-'));
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  await shop.run(`
    CREATE TABLE visit (visit_id INT PRIMARY KEY, product_id INT NOT NULL, visit_time DATETIME NOT NULL);
    CREATE TABLE sale (visit_id INT PRIMARY KEY, sale_time DATETIME NOT NULL, state ENUM('0','1'));
    CREATE TABLE agg (visit_id INT PRIMARY KEY, clicks INT)`);
  database = await freshDatabase();
  dataSource = await connectLedger(database.url);
  await migrateLedger(dataSource);
});
beforeEach(async () => {
  for (const table of ['request', 'request_run', 'request_left_out', 'run', 'stage', 'event'])
    await dataSource.query(`DELETE FROM factory_${table}`);
});
afterAll(async () => {
  await dataSource?.destroy();
  await Promise.all([database?.dispose(), shop?.close()]);
  rmSync(folder, { recursive: true });
});

/** A products table with an id of a type, and rows `(id, is_active)` as SQL. */
async function products(type: string, rows: readonly string[], active = 'TINYINT'): Promise<void> {
  await shop.run(`DROP VIEW IF EXISTS product; DROP TABLE IF EXISTS product;
    CREATE TABLE product (id ${type} NULL, is_active ${active} NULL)`);
  if (rows.length > 0) await shop.run(`INSERT INTO product VALUES ${rows.join(', ')}`);
}

async function take(request: object, sources = SOURCES) {
  const path = join(folder, 'sources.yaml');
  writeFileSync(path, sources);
  const requestId = `asked-${++asked}`;
  const taker = new TakeRequest({
    requests: new Requests(dataSource, 'spec'),
    policies: new Policies(dataSource),
    states: new ModelStates(dataSource),
    sources: new SourceAccess(SourcesFile.load(path), { variable: () => shop.url }),
    announcer: { announce: () => Promise.resolve() },
    patience: new SourcePatience(undefined, new SourceWaits(dataSource), 600),
    now: () => new Date('2023-04-10T12:34:56Z'),
  });
  await taker.execute({
    data: new TextEncoder().encode(JSON.stringify({ requestId, ...request })),
    place: 'x',
  });
  const runs = (await new Runs(dataSource, 'spec').list()).sort((a, b) => a.product - b.product);
  return {
    started: runs.filter((run) => run.outcome === null).map((run) => run.product),
    ended: runs.filter((run) => run.outcome !== null),
    leftOut: (await leftOutProductsOf(dataSource, requestId)).map(({ item }) => item),
    requestId,
  };
}

const refusal = (request: object, sources?: string): Promise<unknown> =>
  take(request, sources).then(
    () => 'nothing was refused',
    (thrown: unknown) => thrown,
  );

describe('one bad row of the products table does not affect the other products', () => {
  test.each<[what: string, type: string, rows: string[], started: number[], leftOut: string[]]>([
    ['NULL', 'INT', ['(1, 1)', '(NULL, 1)', '(2, 1)'], [1, 2], ['NULL']],
    ['several NULLs', 'INT', ['(1, 1)', '(NULL, 1)', '(NULL, 1)'], [1], ['NULL']],
    ['NULL that is not active', 'INT', ['(1, 1)', '(NULL, 0)'], [1], []],
    ['zero', 'INT', ['(0, 1)', '(7, 1)'], [7], ['0']],
    ['negative', 'INT', ['(-3, 1)', '(7, 1)'], [7], ['-3']],
    ['a fraction', 'DECIMAL(8,2)', ['(12.5, 1)', '(7, 1)'], [7], ['12.50']],
    ['a whole DECIMAL', 'DECIMAL(8,2)', ['(12.00, 1)', '(7, 1)'], [7, 12], []],
    ['DECIMAL zero', 'DECIMAL(8,2)', ['(0.00, 1)', '(7, 1)'], [7], ['0.00']],
    ['2^53 - 1', 'BIGINT', ['(9007199254740991, 1)'], [Number.MAX_SAFE_INTEGER], []],
    ['2^53', 'BIGINT', ['(9007199254740992, 1)', '(7, 1)'], [7], ['9007199254740992']],
    [
      'two over 2^53',
      'BIGINT',
      ['(9007199254740992, 1)', '(9007199254740993, 1)', '(7, 1)'],
      [7],
      ['9007199254740992', '9007199254740993'],
    ],
    ['2^64 - 1', 'BIGINT UNSIGNED', ['(18446744073709551615, 1)', '(7, 1)'], [7], ['18446744073709551615']],
    ['40 digits', 'DECIMAL(40,0)', [`(${'9'.repeat(40)}, 1)`, '(7, 1)'], [7], ['9'.repeat(40)]],
    ['leading zeros', 'INT(6) ZEROFILL', ['(12, 1)'], [12], []],
    ['one id twice, both active', 'INT', ['(5, 1)', '(5, 1)', '(7, 1)'], [5, 7], []],
    ['active by 2', 'INT', ['(5, 2)', '(7, NULL)'], [5], []],
    [
      'all kinds at once',
      'DECIMAL(20,1)',
      ['(NULL, 1)', '(0, 1)', '(-1, 1)', '(1.5, 1)', '(9007199254740993, 1)', '(3, 1)'],
      [3],
      ['NULL', '-1.0', '0.0', '1.5', '9007199254740993.0'],
    ],
  ])('%s', async (_what, type, rows, started, leftOut) => {
    await products(type, rows);
    expect(await take({ productId: 0 })).toMatchObject({ started, ended: [], leftOut });
  });

  it('with a BIT as active flag', async () => {
    await products('INT', ["(5, b'1')", "(7, b'0')"], 'BIT(1)');
    expect(await take({ productId: 0 })).toMatchObject({ started: [5] });
  });

  it('names the first hundred and counts the rest', async () => {
    await products('INT', ['(7, 1)', ...Array.from({ length: 300 }, (_, at) => `(-${at + 1}, 1)`)]);
    const { started, leftOut } = await take({ productId: 0 });
    expect(started).toEqual([7]);
    expect(leftOut).toHaveLength(101);
    expect(leftOut.at(-1)).toBe('200 more');
  });
});

describe('contradictory rows of one id', () => {
  test.each([0, 5])('end that product and no other (productId %i)', async (productId) => {
    await products('INT', ['(5, 1)', '(5, 0)', '(7, 1)']);
    const { started, ended, requestId } = await take({ productId });
    expect(started).toEqual(productId === 0 ? [7] : []);
    expect(ended).toMatchObject([
      {
        run: runIdOf(requestId, { source: 'shop', product: 5, goal: 'sale' }),
        outcome: 'failed',
        reason: 'contradictory-product',
        details: { message: expect.stringContaining('some of them active and some not') as string },
      },
    ]);
  });
});

describe('a bad declaration is one refusal of the request, with field and what to do', () => {
  test.each<[what: string, from: string, to: string, field: string, says: string]>([
    ['no such table', 'table: product,', 'table: produkt,', 'products.table', 'name a table of the database'],
    ['no such id', 'id: id,', 'id: product_id,', 'products.id', 'use one of id, is_active'],
    ['no such flag', 'active: is_active', 'active: activ', 'products.active', 'use one of id, is_active'],
    [
      'visits without product',
      'product: product_id',
      'product: pid',
      'visits.product',
      'use one of visit_id',
    ],
    ['no such visits', 'table: visit,', 'table: visits,', 'visits.table', 'name a table'],
    ['a goal without its time', 'time: sale_time }', 'time: sold_at }', 'goals.sale.time', 'use one of'],
  ])('%s', async (_what, from, to, field, says) => {
    await products('INT', ['(1, 1)']);
    for (const productId of [0, 1]) {
      const refused = await refusal({ productId }, SOURCES.replace(from, to));
      expect(refused).toBeInstanceOf(BadInputsError);
      expect(refused).toMatchObject({ code: 'invalid-source', retryable: false });
      expect((refused as BadInputsError).refusals).toMatchObject([
        { field: `sources.shop.${field}`, todo: expect.stringContaining(says) as string },
      ]);
    }
  });

  test.each([
    ['text ids', 'VARCHAR(20)', 'TINYINT', 'not-a-number'],
    ['FLOAT ids', 'FLOAT', 'TINYINT', 'unsupported-id-type'],
    ['BIT ids', 'BIT(8)', 'TINYINT', 'unsupported-id-type'],
    ['a flag of words', 'INT', "ENUM('0','1')", 'not-a-number'],
  ])('%s', async (_what, type, active, code) => {
    await products(type, [], active);
    const refused = await refusal({ productId: 0 });
    expect((refused as BadInputsError).refusals).toMatchObject([{ code }]);
  });

  it('a table that the account may not see', async () => {
    await products('INT', ['(1, 1)']);
    const refused = await refusal({ productId: 0 }, SOURCES.replace('table: product,', 'table: mysql.user,'));
    expect((refused as BadInputsError).refusals).toMatchObject([
      { code: 'missing-table', todo: expect.stringContaining('grant SELECT on it') as string },
    ]);
  });

  it('a filter by a value that the column cannot hold, of the requested goal only', async () => {
    await products('INT', ['(1, 1)']);
    const wrong = SOURCES.replace('in: [1]', 'in: [paid]');
    expect(await take({ productId: 1 }, wrong)).toMatchObject({ started: [1] });
    expect((await refusal({ productId: 1, goal: 'paid' }, wrong)) as BadInputsError).toMatchObject({
      refusals: [{ code: 'wrong-filter-value', field: 'sources.shop.goals.paid.filters.0.in.0' }],
    });
  });

  it('a view that cannot be read fails on each attempt, with its statement', async () => {
    await products('INT', []);
    await shop.run(`DROP TABLE product; CREATE TABLE behind (id INT, is_active INT);
      CREATE VIEW product AS SELECT id, is_active FROM behind; DROP TABLE behind`);
    const refused = await refusal({ productId: 0 });
    expect(['source-statement-failed', 'invalid-source']).toContain(codeOf(refused));
    await shop.run('DROP VIEW product');
  });

  it('no product at all', async () => {
    await products('INT', ['(NULL, 1)', '(-4, 1)']);
    const refused = await refusal({ productId: 0 });
    expect(refused).toMatchObject({ code: 'no-active-product' });
    expect((refused as Error).message).toContain('NULL: the product has no id');
  });
});

describe('names that every object has', () => {
  test.each(['constructor', 'toString', 'valueOf', 'hasownproperty', '__proto__'])(
    'goal and source %s are unknown',
    async (name) => {
      await products('INT', ['(1, 1)']);
      for (const request of [{ goal: name }, { source: name }]) {
        const refused = await refusal({ productId: 1, ...request });
        expect(['unknown-goal', 'unknown-source', 'malformed-request']).toContain(codeOf(refused));
      }
      expect(await sqlOf(dataSource).rows('SELECT * FROM factory_request')).toEqual([]);
    },
  );
});
