import { SourceAccess, SourcesFile, parseSources } from '@factory/source';
import { freshShop, type FreshDatabase } from '@factory/testing';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImportResult } from '../import/import-csv';
import { specCli } from '../spec-kit/spec-cli';

const SHOP =
  'when,city,price,sold,called\n2024-01-01,Köln,1.5,yes,no\n2024-01-02,Bonn,2,no,yes\n2024-01-03,Köln,,no,no\n';

describe('factory import', () => {
  let shop: FreshDatabase;
  let connection: Connection;
  let folder: string;
  let file: string;
  let sourcesFile: string;
  let cli: ReturnType<typeof specCli>;

  beforeAll(async () => {
    shop = await freshShop();
    connection = await createConnection({ uri: shop.url });
    folder = mkdtempSync(join(tmpdir(), 'factory-import-'));
    file = join(folder, 'shop.csv');
    sourcesFile = join(folder, 'sources.yaml');
    cli = specCli({ SOURCE_ADMIN_URL: shop.url, SOURCES_FILE: sourcesFile });
  });
  afterAll(async () => {
    await connection.end();
    await shop.dispose();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => writeFileSync(file, SHOP));
  afterEach(async () => {
    for (const table of await tables()) await connection.query('DROP TABLE ??', [table]);
    rmSync(sourcesFile, { force: true });
  });

  const rows = async (sql: string): Promise<RowDataPacket[]> =>
    (await connection.query<RowDataPacket[]>(sql))[0];
  const tables = async () => (await rows('SHOW TABLES')).map((row) => String(Object.values(row)[0])).sort();
  const SOLD = ['--goal-column', 'sold', '--time-column', 'when'];

  it('prints role and content of every column, and every label with its count', async () => {
    const { code, stdout } = await cli.run('import', file, ...SOLD, '--exclude', 'called');
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, 7)).toEqual([
      expect.stringMatching(/^COLUMN +FOR +KIND +MISSING +LEVELS +RANGE +EXAMPLES +WHY$/),
      expect.stringMatching(/^when +time +date +0 +3 /),
      expect.stringMatching(/^city +feature +category +0 +2 +"Köln" "Bonn" +no value is a number$/),
      expect.stringMatching(
        /^price +feature +number +1 +2 +1\.5 \.\. 2 +"1\.5" "2" +every value is a number$/,
      ),
      expect.stringMatching(/^sold +goal +category +0 +2 /),
      expect.stringMatching(/^called +excluded +category/),
      'labels of goal in sold: "no" 2 (no), "yes" 1 (yes)',
    ]);
    expect(stdout).toContain(
      'factory retrain --source main --product 1 --goal goal --start "2024-01-01 00:00:00"',
    );
  });

  it('prints the columns on stderr too when it refuses one, and imports nothing', async () => {
    writeFileSync(file, SHOP.replace(',2,no', ',"2,5",no'));
    const { code, stdout, stderr } = await cli.run('import', file, ...SOLD, '--json');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^COLUMN/);
    expect(stderr).toMatch(/error \(nearly-numbers\): column price = .*--decimal comma/);
    expect(await tables()).toEqual([]);
    expect(existsSync(sourcesFile)).toBe(false);
  });

  it.each([
    [['--exclude', 'called', 'city', 'FILE']],
    [['--exclude', 'called', 'city', 'FILE', '--product', '1']],
    [['FILE', '--exclude', 'called', 'city']],
    [['--exclude', 'called', '--exclude', 'city', '--product', '1', 'FILE']],
  ])('finds the file in %j', async (args) => {
    const given = args.map((word) => (word === 'FILE' ? file : word));
    const { columns } = await cli.json<ImportResult>('import', ...SOLD, ...given);
    expect(columns.filter(({ role }) => role === 'excluded').map(({ name }) => name)).toEqual([
      'city',
      'called',
    ]);
  });

  it('says where to put the file argument when an option took it and no such file exists', async () => {
    const { code, stderr } = await cli.run('import', ...SOLD, '--exclude', 'called', join(folder, 'no.csv'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/\(missing-file\).*no\.csv.*put the file before/);
  });

  it('imports several goals of one file; none of their columns is a feature', async () => {
    const goals = ['--goal', 'sale=sold', '--goal', 'call=called:yes', '--goal', 'near=city:bonn'];
    const result = await cli.json<ImportResult>(
      'import',
      file,
      '--time-column',
      'when',
      ...goals,
      '--other-value',
      '*',
    );
    expect(result.labels.map(({ goal, rows: reached }) => [goal, reached])).toEqual([
      ['sale', 1],
      ['call', 1],
      ['near', 1],
    ]);
    expect(result.columns.filter(({ role }) => role === 'feature').map(({ name }) => name)).toEqual([
      'price',
    ]);
    expect(await tables()).toEqual([
      ...['main_feature', 'main_goal', 'main_goal_2', 'main_goal_3', 'main_product', 'main_visit'],
    ]);
    expect(await rows('SELECT visit_id FROM main_goal_3')).toEqual([{ visit_id: '1-2' }]);
    const source = parseSources(readFileSync(sourcesFile, 'utf8')).get('main')!;
    expect(source.defaultGoal).toBe('sale');
    expect(source.goals).toMatchObject({ call: { table: 'main_goal_2' }, near: { table: 'main_goal_3' } });
    await cli.json('import', file, ...SOLD);
    expect(await tables()).toEqual(['main_feature', 'main_goal', 'main_product', 'main_visit']);
  });

  it('prints a request for each goal', async () => {
    const goals = ['--goal', 'sale=sold', '--goal', 'call=called'];
    const { stdout } = await cli.run('import', file, '--no-time', ...goals);
    for (const goal of ['sale', 'call'])
      expect(stdout).toContain(`factory retrain --source main --product 1 --goal ${goal} --wait`);
  });

  it('refuses goals, or times, that differ from those of existing products', async () => {
    await cli.json('import', file, ...SOLD);
    const more = ['import', file, '--product', '2', '--goal', 'other=sold'];
    expect((await cli.run(...more, '--time-column', 'when')).stderr).toContain('(goals-differ)');
    expect(
      (await cli.run('import', file, '--product', '2', '--goal-column', 'sold', '--no-time')).stderr,
    ).toContain('(times-differ)');
    expect(await rows('SELECT product_id FROM main_product')).toEqual([{ product_id: 1 }]);
  });

  it('without a time says so, stores one instant and suggests a request without a range', async () => {
    const { stdout } = await cli.run('import', file, '--goal-column', 'sold', '--no-time');
    expect(stdout).toContain('no time: no part is held back as out of time');
    expect(stdout).toContain('retrain --source main --product 1 --goal goal --wait');
    expect(await rows('SELECT DISTINCT visit_time AS at FROM main_visit')).toHaveLength(1);
    expect(parseSources(readFileSync(sourcesFile, 'utf8')).get('main')?.visits.noTime).toBe(true);
  });

  it('takes the year from a column', async () => {
    writeFileSync(file, 'y,m,d,x,sold\n2023,Dec,31,1,yes\n2020,2,29,2,no\n2024,jan,1,3,no\n');
    const time = ['--year-column', 'y', '--month-column', 'm', '--day-column', 'd'];
    const result = await cli.json<ImportResult>('import', file, '--goal-column', 'sold', ...time);
    expect(result).toMatchObject({
      firstVisit: '2020-02-29T00:00:00.000Z',
      lastVisit: '2024-01-01T00:00:00.000Z',
    });
    writeFileSync(file, 'y,m,x,sold\n23,Dec,1,yes\n');
    const short = await cli.run(
      'import',
      file,
      '--goal-column',
      'sold',
      '--year-column',
      'y',
      '--month-column',
      'm',
    );
    expect(short.stderr).toMatch(/\(bad-time\): y, row 1 = "23": write a year/);
  });

  it('names columns without a name, and leaves out rows without a label where an option says so', async () => {
    writeFileSync(file, ',city,sold\n0,Köln,yes\n1,Bonn,no\n2,Bonn,\n');
    const result = await cli.json<ImportResult>(
      'import',
      file,
      '--goal-column',
      'sold',
      '--no-time',
      '--unlabelled',
      'drop',
    );
    expect(result).toMatchObject({ unnamed: ['column_1'], rows: 2, droppedRows: 1 });
    expect(await rows('SELECT COUNT(*) AS n FROM main_visit')).toEqual([{ n: 2 }]);
  });

  it('stores 2,000 columns of numbers in as many tables as needed, and reads them back', async () => {
    const names = Array.from({ length: 2_000 }, (_, at) => `n${at}`);
    const line = (row: number) => [...names.map((_, at) => row * at), row % 2 ? 'yes' : 'no'].join(',');
    writeFileSync(file, [[...names, 'sold'].join(','), line(1), line(2), line(3), ''].join('\n'));
    const args = ['import', file, '--goal-column', 'sold', '--no-time'];
    await cli.json(...args);
    await cli.json(...args, '--product', '2');
    const access = new SourceAccess(SourcesFile.load(sourcesFile), { variable: () => shop.url });
    const read = await access.read('main', (reader) =>
      reader.snapshot('goal', async (snapshot) => {
        await snapshot.keep(['1-3', '2-2']);
        return snapshot.readFeatures();
      }),
    );
    expect(read.map(({ name }) => name)).toEqual(names);
    expect(read.map((one) => (one.kind === 'number' ? [...one.values] : []))).toEqual(
      names.map((_, at) => [3 * at, 2 * at]),
    );
  }, 60_000);

  it('stores 300 columns of long texts, and leaves out text that is too long for a category', async () => {
    const names = Array.from({ length: 300 }, (_, at) => `c${at}`);
    const line = (word: string, label: string) =>
      [...names.map(() => word.repeat(200)), 'z'.repeat(70_000), label].join(',');
    writeFileSync(
      file,
      [[...names, 'note', 'sold'].join(','), line('a', 'yes'), line('b', 'no'), ''].join('\n'),
    );
    const { columns } = await cli.json<ImportResult>('import', file, '--goal-column', 'sold', '--no-time');
    expect(columns.find(({ name }) => name === 'note')).toMatchObject({ role: 'left out', kind: 'text' });
    expect(await rows('SELECT MAX(LENGTH(c299)) AS longest FROM main_feature_6')).toEqual([{ longest: 200 }]);
  }, 60_000);

  it("stores the reading rules of the source's files, and nothing for the default rules", async () => {
    writeFileSync(file, 'x;sold\n1.234,5;yes\nviele;no\n2;no\n');
    const rules = [
      '--decimal',
      'comma',
      '--thousands',
      'dot',
      '--numbers',
      'x',
      '--rest',
      'missing',
      '--missing',
      'k. A.',
    ];
    await cli.json(
      'import',
      file,
      '--goal-column',
      'sold',
      '--no-time',
      '--delimiter',
      'semicolon',
      ...rules,
    );
    expect(await rows('SELECT x FROM main_feature ORDER BY visit_id')).toEqual([
      { x: 1234.5 },
      { x: null },
      { x: 2 },
    ]);
    const csvOf = () => parseSources(readFileSync(sourcesFile, 'utf8')).get('main')?.csv;
    expect(csvOf()).toEqual({ decimal: ',', thousands: '.', missing: ['k. A.'], restMissing: ['x'] });
    writeFileSync(file, SHOP);
    await cli.json('import', file, ...SOLD);
    expect(csvOf()).toBeUndefined();
  });

  it.each<[string, string[], string]>([
    ['no goal', ['--no-time'], 'missing-goal'],
    ['a goal without its column', ['--no-time', '--goal', 'sale'], 'missing-goal'],
    [
      'two names of one goal',
      ['--no-time', '--goal', 'a', '--goal', 'b', '--goal-column', 'sold'],
      'invalid-goal',
    ],
    ['no time', ['--goal-column', 'sold'], 'missing-time'],
    ['dates that are kept as a feature', [...SOLD, '--keep', 'when'], 'kept-date'],
    ['--rest without --numbers', [...SOLD, '--rest', 'missing'], 'missing-numbers'],
    ['another rest', [...SOLD, '--rest', 'zero'], 'invalid-rest'],
    ['an unknown value of --unlabelled', [...SOLD, '--unlabelled', 'yes'], 'invalid-unlabelled'],
    [
      'one character for two things',
      [...SOLD, '--decimal', 'comma', '--thousands', 'comma'],
      'same-separators',
    ],
    ['a column declared as two kinds', [...SOLD, '--numbers', 'price', '--categories', 'price'], 'two-kinds'],
    ['a column that is not there', [...SOLD, '--numbers', 'preis'], 'missing-column'],
    [
      'a product name of 300 characters',
      [...SOLD, '--product-name', 'x'.repeat(300)],
      'invalid-product-name',
    ],
  ])('refuses %s', async (_, args, code) => {
    const { code: exit, stderr } = await cli.run('import', file, ...args);
    expect(exit).toBe(2);
    expect(stderr).toContain(`(${code})`);
    expect(await tables()).toEqual([]);
  });
});
