import { parseSources } from '@factory/source';
import { freshShop, type FreshDatabase } from '@factory/testing';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { mkdtempSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importCsv } from './import-csv';
import type { ImportOptions } from './import-options';

const BANK = `"age";"job";"city";"os";"day";"month";"duration";"y"
58;"management";"Köln";1;5;"may";261;"no"
44;"technician";;2;31;"dec";151;"yes"
?;"unknown";"東京";10;1;"jan";76;"no"
47.5;"blue-collar";"O'Neill \\";2;2;"feb";92;"NO"
`;

describe('importing a CSV file', () => {
  let shop: FreshDatabase;
  let connection: Connection;
  let folder: string;
  let options: ImportOptions;

  const rows = async (sql: string): Promise<RowDataPacket[]> =>
    (await connection.query<RowDataPacket[]>(sql))[0];
  const tables = async () => (await rows('SHOW TABLES')).map((row) => Object.values(row)[0]).sort();
  const run = (content: string | Buffer, more: Partial<ImportOptions> = {}) => {
    writeFileSync(options.file, content);
    return importCsv({ ...options, ...more });
  };

  beforeAll(async () => {
    shop = await freshShop();
    connection = await createConnection({ uri: shop.url, timezone: 'Z', dateStrings: true });
    folder = mkdtempSync(join(tmpdir(), 'import-'));
    options = {
      file: join(folder, 'bank.csv'),
      source: 'my-bank',
      product: 7,
      connectionString: shop.url,
      sourcesFile: join(folder, 'sources.yaml'),
      goalColumn: 'y',
      time: { monthColumn: 'month', dayColumn: 'day', startYear: 2008, rowOrder: true },
      categories: ['os'],
      exclude: ['duration'],
    };
  });
  afterAll(async () => {
    await connection.end();
    await shop.dispose();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    for (const table of await tables()) await connection.query('DROP TABLE ??', [table]);
    rmSync(options.sourcesFile, { force: true });
  });

  it('creates tables of visits, goals and features, and the entry in sources.yaml that reads them', async () => {
    const result = await run(BANK, { keep: ['month'] });
    expect(result).toMatchObject({
      rows: 4,
      goals: 1,
      firstVisit: '2008-05-05T00:00:00.000Z',
      lastVisit: '2009-02-02T00:00:00.000Z',
      columns: [
        { name: 'age', role: 'feature', kind: 'number', missing: 1, levels: 3, min: 44, max: 58 },
        { name: 'job', role: 'feature', kind: 'category', missing: 0, levels: 4 },
        {
          name: 'city',
          role: 'feature',
          kind: 'category',
          missing: 1,
          examples: ['Köln', '東京', "O'Neill \\"],
        },
        { name: 'os', role: 'feature', kind: 'category', why: '--categories' },
        { name: 'day', role: 'time' },
        { name: 'month', role: 'feature', kind: 'category' },
        { name: 'duration', role: 'excluded' },
        { name: 'y', role: 'goal', levels: 3 },
      ],
      labels: [
        {
          goal: 'goal',
          column: 'y',
          rows: 1,
          labels: [
            { value: 'no', rows: 3, means: 'no' },
            { value: 'yes', rows: 1, means: 'yes' },
          ],
        },
      ],
    });
    expect(await tables()).toEqual(['my_bank_feature', 'my_bank_goal', 'my_bank_product', 'my_bank_visit']);
    expect(await rows('SELECT * FROM my_bank_product')).toEqual([
      { product_id: 7, is_active: 1, name: 'bank.csv' },
    ]);
    expect(await rows('SELECT * FROM my_bank_goal')).toEqual([
      { visit_id: '7-2', goal_time: '2008-12-31 00:00:00' },
    ]);
    expect(
      (await rows('SELECT visit_time FROM my_bank_visit ORDER BY visit_id')).map((row) => row.visit_time),
    ).toEqual(['2008-05-05 00:00:00', '2008-12-31 00:00:00', '2009-01-01 00:00:00', '2009-02-02 00:00:00']);
    expect(await rows('SELECT * FROM my_bank_feature ORDER BY visit_id')).toEqual([
      { visit_id: '7-1', age: 58, job: 'management', city: 'Köln', os: '1', month: 'may' },
      { visit_id: '7-2', age: 44, job: 'technician', city: null, os: '2', month: 'dec' },
      { visit_id: '7-3', age: null, job: 'unknown', city: '東京', os: '10', month: 'jan' },
      { visit_id: '7-4', age: 47.5, job: 'blue-collar', city: "O'Neill \\", os: '2', month: 'feb' },
    ]);
    const source = parseSources(readFileSync(options.sourcesFile, 'utf8')).get('my-bank');
    expect(source).toMatchObject({
      connectionEnv: 'SOURCE_MY_BANK_URL',
      goals: { goal: { table: 'my_bank_goal' } },
    });
  });

  it('replaces the rows of a product that is imported again, even with other columns', async () => {
    await run(BANK);
    await run('age;day;month;y\n30;1;Juni;1\n31;2;June;0\n', { exclude: [], categories: [] });
    expect(await rows('SELECT * FROM my_bank_feature ORDER BY visit_id')).toEqual([
      { visit_id: '7-1', age: 30 },
      { visit_id: '7-2', age: 31 },
    ]);
  }, 20_000);

  it('adds another product with the same columns, and keeps both when one is imported again', async () => {
    await run(BANK);
    await run(BANK.replace('management', 'm'.repeat(80)), { product: 8 });
    await run(BANK.replace('58;', '59;'), { product: 7 });
    expect(
      await rows(`SELECT product_id, COUNT(*) AS visits, SUM(age) AS age, COUNT(g.visit_id) AS goals
                  FROM my_bank_visit JOIN my_bank_feature USING (visit_id) LEFT JOIN my_bank_goal g USING (visit_id)
                  GROUP BY 1 ORDER BY 1`),
    ).toEqual([
      { product_id: 7, visits: 4, age: 150.5, goals: 1 },
      { product_id: 8, visits: 4, age: 149.5, goals: 1 },
    ]);
    expect(await rows('SELECT MAX(LENGTH(job)) AS longest FROM my_bank_feature')).toEqual([{ longest: 80 }]);
  }, 20_000);

  it('refuses another product with other columns or kinds, and changes nothing', async () => {
    await run(BANK);
    const before = await rows('CHECKSUM TABLE my_bank_visit, my_bank_feature, my_bank_goal');
    const other = BANK.replace('"city"', '"town"');
    await expect(run(other, { product: 8, categories: [] })).rejects.toMatchObject({
      code: 'columns-differ',
      refusal: { value: ['city', 'town', 'os'] },
    });
    expect(await rows('CHECKSUM TABLE my_bank_visit, my_bank_feature, my_bank_goal')).toEqual(before);
    expect(await tables()).toHaveLength(4);
  }, 20_000);

  it('refuses another product with other reading rules, and warns if it is the only product', async () => {
    const first = await run(BANK, { missing: ['unknown'] });
    expect(first).toMatchObject({ rulesBefore: null, unmatchedMissing: [] });
    const declared = readFileSync(options.sourcesFile, 'utf8');
    for (const other of [{}, { missing: ['unknown'], thousands: "'" }, { missing: ['75', '76'] }] as const)
      await expect(run(BANK, { product: 8, ...other })).rejects.toMatchObject({
        code: 'rules-differ',
        refusal: { todo: expect.stringContaining('--missing unknown') as string },
      });
    expect(readFileSync(options.sourcesFile, 'utf8')).toBe(declared);
    expect(await run(BANK, { missing: ['-1', '44.0'] })).toMatchObject({
      rulesBefore: '--missing unknown',
      unmatchedMissing: ['-1'],
    });
    await run(BANK, { product: 8, missing: ['44.0', '-1'] });
    await expect(run(BANK)).rejects.toMatchObject({ code: 'rules-differ' });
  }, 30_000);

  it('reads ids and visitors from columns, and times with their zone', async () => {
    const file =
      'key,who,at,clicks,buy\na1,v1,2024-03-01T10:00:00+01:00,3,Y\na2,v1,2024-03-02T10:00:00Z,0,N\n';
    await run(file, {
      goalColumn: 'buy',
      time: { column: 'at' },
      idColumn: 'key',
      visitorColumn: 'who',
      categories: [],
      exclude: [],
    });
    expect(await rows('SELECT visit_id, visitor_id, visit_time FROM my_bank_visit ORDER BY 1')).toEqual([
      { visit_id: 'a1', visitor_id: 'v1', visit_time: '2024-03-01 09:00:00' },
      { visit_id: 'a2', visitor_id: 'v1', visit_time: '2024-03-02 10:00:00' },
    ]);
  });

  it.each<[string, string, Partial<ImportOptions>, string, RegExp]>([
    ['a goal column that is not there', BANK, { goalColumn: 'sold' }, 'missing-column', /age, job, city/],
    ['an excluded column that is not there', BANK, { exclude: ['durations'] }, 'missing-column', /durations/],
    ['no goal at all', BANK, { goalValues: ['ja'], otherValues: ['*'] }, 'no-goal', /'no' .3., 'yes' .1./],
    ['goals only', BANK, { goalValues: ['no', 'yes'] }, 'all-goals', /--goal-value/],
    ['a ragged row', `${BANK}1;2;3\n`, {}, 'ragged-row', /row 5 .line 6./],
    ['an invalid month', BANK.replace('"jan"', '"foo"'), {}, 'bad-time', /row 3 = "foo"/],
    ['text in a column of numbers', BANK, { numbers: ['job'] }, 'not-a-number', /job, row 1 = "management"/],
    ['a column that the dataset has', BANK.replace('"age"', '"weight"'), {}, 'reserved-column', /weight/],
    ['ids that repeat', BANK, { idColumn: 'os' }, 'duplicate-id', /"2"/],
    ['an id that is missing', BANK, { idColumn: 'city' }, 'bad-id', /city, row 2/],
    ['a header without rows', 'a;month;day;y\n', { exclude: [], categories: [] }, 'no-rows', /header/],
    ['only time and goal', 'month;day;y\n1;1;1\n', { exclude: [], categories: [] }, 'no-features', /column/],
    ['an empty file', '', {}, 'empty-file', /header/],
    ['an invalid source name', BANK, { source: 'My Bank' }, 'invalid-name', /hyphen/],
    ['no connection', BANK, { connectionString: undefined }, 'missing-connection', /SOURCE_ADMIN_URL/],
  ])('refuses %s, and leaves nothing behind', async (_, content, more, code, message) => {
    const refused = run(content, more);
    await expect(refused).rejects.toMatchObject({ code, retryable: false });
    await expect(refused).rejects.toThrow(message);
    expect(await tables()).toEqual([]);
    expect(existsSync(options.sourcesFile)).toBe(false);
  });

  it('copies rows of another product that an earlier version imported, including long texts', async () => {
    await run(BANK);
    await connection.query('ALTER TABLE my_bank_feature MODIFY job TEXT');
    await connection.query("UPDATE my_bank_feature SET job = REPEAT('x', 5000) WHERE visit_id = '7-1'");
    await run(BANK, { product: 8 });
    expect(await rows('SELECT MAX(LENGTH(job)) AS longest FROM my_bank_feature')).toEqual([
      { longest: 5000 },
    ]);
    expect(await rows('SELECT COUNT(*) AS n FROM my_bank_feature')).toEqual([{ n: 8 }]);
  }, 20_000);

  it('keeps entries that others added to sources.yaml while it ran', async () => {
    writeFileSync(options.file, BANK);
    await importCsv(options);
    const other = (text: string) => text.replaceAll('my-bank', 'other').replaceAll('my_bank', 'other');
    const alone = other(readFileSync(options.sourcesFile, 'utf8'));
    rmSync(options.sourcesFile);
    await importCsv(options, { onReport: () => writeFileSync(options.sourcesFile, alone) });
    expect([...parseSources(readFileSync(options.sourcesFile, 'utf8')).keys()].sort()).toEqual([
      'my-bank',
      'other',
    ]);
  }, 20_000);

  it('does not wait for another import of the same source: it says that one is running', async () => {
    await connection.query("SELECT GET_LOCK(CONCAT(DATABASE(), '.my_bank'), 0)");
    await expect(run(BANK)).rejects.toMatchObject({ code: 'import-running' });
    await connection.query("SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.my_bank'))");
  });

  it('says which window of the imported rows the default policy chooses', async () => {
    // 300 sales on each of the last 40 days, 10 on many days before: the rule chooses the latest weeks.
    const day = (back: number) => new Date(Date.UTC(2024, 5, 30 - back)).toISOString().slice(0, 10);
    const lines = Array.from({ length: 200 }, (_, back) =>
      Array.from({ length: back < 50 ? 300 : 10 }, (_unused, at) => `${day(back)},${at % 7},yes\n`).join(''),
    );
    const text = `d,n,y\n${lines.join('')}${day(0)},1,no\n`;
    const time = { column: 'd' };
    const { window } = await run(text, { source: 'windowed', time, categories: [], exclude: [] });
    expect(window).toMatchObject({
      rangeStart: '2023-12-14T00:00:00.000Z',
      trainEnd: '2024-06-23T00:00:01.000Z',
      days: 35,
      sales: 10_500,
      reason: 'volume',
      passed: { days: 30, sales: 10_000 },
    });
    const few = await run('d,n,y\n2024-01-01,1,yes\n2024-01-02,2,no\n', {
      source: 'few',
      time,
      categories: [],
      exclude: [],
    });
    expect(few.window).toBeNull();
  }, 30_000);
});
