import { DEFAULT_POLICY, codeOf, type Policy } from '@factory/domain';
import { DEFAULT_CHECK_LIMITS } from '@factory/judgement';
import { SourceAccess, SourcesFile, sourceGrants } from '@factory/source';
import { createTestShop, testServers, type TestShop } from '@factory/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputCheckFailedError } from './input-check';
import { PrepareData, type PrepareDataRequest } from './prepare-data';

let shop: TestShop;
let folder: string;
const DAY_MS = 86_400_000;
const END = new Date('2023-04-01T00:00:00Z');
const SOURCES = `
sources:
  main:
    connectionEnv: SOURCE_MAIN_URL
    products: { table: product, id: product_id, active: is_active }
    visits: { table: visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: sale, visit: visit_id, time: sale_time } }
    features:
      - { table: agg_pages, key: visit_id, missing: zero }
      - { table: agg_other, key: visit_id, missing: unknown, covers: before-visit }
`;
/** Windows of the small shop: 1 sale in 50 where the real ones have 10,000. */
const policy: Policy = { ...DEFAULT_POLICY, minSales: 20, windowThresholds: [{ days: 30, sales: 100 }] };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'data-prep-'));
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  await shop.run(`
    CREATE TABLE product (product_id INT PRIMARY KEY, is_active TINYINT(1) NOT NULL);
    CREATE TABLE visit (visit_id INT PRIMARY KEY, product_id INT NOT NULL, visit_time DATETIME NOT NULL, KEY by_time (product_id, visit_time));
    CREATE TABLE sale (visit_id INT PRIMARY KEY, sale_time DATETIME NOT NULL, paid ENUM('0','1') NOT NULL DEFAULT '1');
    CREATE TABLE agg_pages (visit_id INT PRIMARY KEY, pages INT, nothing INT);
    CREATE TABLE agg_other (visit_id INT PRIMARY KEY, other INT)`);
  await shop.insert(
    'product',
    [1, 2, 3, 4, 5].map((product_id) => ({ product_id, is_active: Number(product_id !== 5) })),
  );
  // product 1: 8 visits a day for 90 days, 4 of them sales; 2: all are sales; 3: one sale; 4: no visits
  const visits = [1, 2, 3].flatMap((product_id) =>
    Array.from({ length: 720 }, (_, at) => ({
      visit_id: product_id * 1_000 + at,
      product_id,
      visit_time: new Date(END.getTime() - (at + 1) * 3 * 3_600_000),
    })),
  );
  await shop.insert('visit', visits);
  const sold = visits.filter(({ product_id: product, visit_id: visit }) =>
    product === 1 ? visit % 2 === 0 : product === 2 || visit === 3_000 + 100,
  );
  await shop.insert(
    'sale',
    sold.map((one) => ({ visit_id: one.visit_id, sale_time: one.visit_time })),
  );
  await shop.insert(
    'agg_pages',
    visits.map((one) => ({ visit_id: one.visit_id, pages: 1, nothing: null })),
  );
  await shop.insert(
    'agg_other',
    visits.map((one) => ({ visit_id: one.visit_id, other: one.visit_id })),
  );
});
afterAll(async () => {
  await shop.close();
  rmSync(folder, { recursive: true });
});

function prepare(request: Partial<PrepareDataRequest>, text = SOURCES) {
  const path = join(folder, 'sources.yaml');
  writeFileSync(path, text);
  const sources = new SourceAccess(SourcesFile.load(path), {
    variable: () => shop.url,
    sourceConcurrency: 99,
  });
  return new PrepareData(sources, {
    champion: () => Promise.resolve(undefined),
    rules: { for: () => ({ checks: DEFAULT_CHECK_LIMITS }) },
  }).execute({
    source: 'main',
    product: 1,
    goal: 'sale',
    rangeEnd: END,
    policy,
    ...request,
  });
}

async function refusal(request: Partial<PrepareDataRequest>, text?: string): Promise<unknown> {
  return prepare(request, text).then(
    () => 'nothing was refused',
    (thrown: unknown) => thrown,
  );
}

describe('PrepareData', () => {
  it('finds the window before the out-of-time days, and keeps all candidates', async () => {
    const found = await prepare({});
    const trainEnd = new Date(END.getTime() - 7 * DAY_MS);
    expect(found.trainEnd).toEqual(trainEnd);
    expect(found.outOfTime).toEqual({ start: trainEnd, end: END });
    expect(found.window).toEqual({
      start: new Date(trainEnd.getTime() - 35 * DAY_MS),
      end: trainEnd,
      days: 35,
      sales: 140,
    });
    expect(found.candidates.map((one) => one.days)).toEqual([7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 83]);
    expect(found.candidates.map((one) => one.sales)).toEqual(found.candidates.map((one) => one.days * 4));
  });

  it('without out-of-time days uses the original rule', async () => {
    const found = await prepare({ policy: { ...policy, outOfTimeDays: 0 } });
    expect(found.trainEnd).toEqual(END);
    expect(found.outOfTime).toEqual({ start: END, end: END });
    expect(found.candidates.at(-1)).toEqual({
      start: new Date('2023-01-01T00:00:00Z'),
      days: 90,
      sales: 360,
    });
  });

  it('uses every visit of a source without times, for any range and policy, and holds none back', async () => {
    const text = SOURCES.replace('time: visit_time', 'time: visit_time, noTime: true');
    for (const rangeStart of [undefined, new Date('2030-01-01T00:00:00Z')]) {
      const found = await prepare({ rangeStart, policy: { ...policy, outOfTimeDays: 400 } }, text);
      expect(found).toMatchObject({ noTime: true, window: { sales: 360 } });
      expect(found.window.start).toEqual(new Date('2023-01-01T00:00:00Z'));
      expect(found.outOfTime).toEqual({ start: found.trainEnd, end: found.trainEnd });
    }
    expect(await refusal({ product: 4 }, text)).toMatchObject({ code: 'no-data' });
    const few = (await refusal({ product: 3 }, text)) as Error;
    expect(few).toMatchObject({ reason: 'too-few-sales' });
    expect(few.message).toContain('import more rows, or lower the policy');
    expect(few.message).not.toContain('earlier start');
    expect((await refusal({ product: 3 })) as Error).toMatchObject({
      message: expect.stringContaining('request an earlier start, or lower the policy') as string,
    });
  });

  it('uses no visit from before the requested start', async () => {
    const found = await prepare({ rangeStart: new Date('2023-03-15T00:00:00Z') });
    expect(found.window).toMatchObject({ start: new Date('2023-03-15T00:00:00Z'), days: 10, sales: 40 });
  });

  it('uses the whole range with window all, and records the reason for the window', async () => {
    const range = { rangeStart: new Date('2023-01-01T00:00:00Z') };
    expect(await prepare(range)).toMatchObject({
      window: { days: 35 },
      ...range,
      windowReason: 'volume',
      passed: { days: 30, sales: 100 },
    });
    for (const asked of [{ window: 'all' as const }, { windowThresholds: [] }])
      expect(await prepare({ ...range, policy: { ...policy, ...asked } })).toMatchObject({
        window: { start: range.rangeStart, days: 83, sales: 332 },
        ...range,
        windowReason: 'all',
        passed: null,
      });
    const much = { ...policy, windowThresholds: [{ days: 30, sales: 1_000 }] };
    expect(await prepare({ ...range, policy: much })).toMatchObject({
      window: { days: 83 },
      windowReason: 'whole-range',
    });
  });

  it('names the policy command for too few sales', async () => {
    await expect(prepare({ product: 3 })).rejects.toThrow(
      'fewer than 20; request an earlier start, or lower the policy: ' +
        '`factory policy set 3 --source main --goal sale minSales=1`',
    );
  });

  it('warns of a column of nulls and passes the rest', async () => {
    const { checks } = await prepare({});
    const by = (result: string) => checks.filter((one) => one.result === result);
    expect(by('warn')).toMatchObject([
      { check: 'covers', column: 'agg_pages', figure: 'whole-visit' },
      { check: 'column-of-nulls', column: 'agg_pages.nothing', figure: 0 },
    ]);
    expect(by('fail')).toEqual([]);
    expect(by('pass').map((one) => one.check)).toEqual(
      expect.arrayContaining(['catalogue', 'constant-label', 'empty-feature-table', 'not-a-feature']),
    );
  });
});

it('records the type of each feature column, which sampling must find again', async () => {
  const { checks } = await prepare({});
  const readAs = checks
    .filter((one) => one.check === 'column-of-nulls')
    .map((one) => [one.column, one.readAs]);
  expect(readAs).toEqual([
    ['agg_pages.pages', 'number'],
    ['agg_pages.nothing', 'number'],
    ['agg_other.other', 'number'],
  ]);
});

describe('a filter of the goal', () => {
  const filtered = (filter: string) =>
    SOURCES.replace('time: sale_time }', `time: sale_time, filters: [{ column: paid, ${filter} }] }`);

  it('is in the report with the number of rows that pass', async () => {
    await shop.run("UPDATE sale SET paid = '0' WHERE visit_id % 4 = 0");
    const { checks, window } = await prepare(
      { policy: { ...policy, outOfTimeDays: 0, windowThresholds: [] } },
      filtered('in: [1]'),
    );
    await shop.run("UPDATE sale SET paid = '1'");
    expect(checks).toContainEqual({
      check: 'goal-filter',
      column: 'sale.paid',
      figure: 'in [1]: 180 of 360 rows',
      limit: 'more than none, fewer than all',
      result: 'pass',
    });
    expect(window.sales).toBe(180);
  });

  test.each([
    ['in: [0]', 'in [0]: 0 of 332 rows'],
    ['in: [1]', 'in [1]: 140 of 140 rows'],
  ])('that none or all rows pass ends the run: %s', async (filter, figure) => {
    const failed = await refusal({}, filtered(filter));
    expect(failed).toMatchObject({ code: 'goal-filter', retryable: false });
    expect((failed as Error).message).toContain(figure);
  });

  it('that some rows pass alone, but none together with another filter, ends the run', async () => {
    await shop.run("UPDATE sale SET paid = '0' WHERE visit_id % 4 = 0");
    const both = filtered('in: [1] }, { column: visit_id, in: [1400, 1404, 1408, 1412]');
    const failed = await refusal({}, both);
    await shop.run("UPDATE sale SET paid = '1'");
    expect(failed).toMatchObject({ code: 'goal-filter', retryable: false });
    expect((failed as Error).message).toMatch(/goal-filter sale = all 2 together: 0 of \d+ rows/);
    expect((failed as Error).message).not.toContain('in [');
  });

  it('may pass all rows if that is declared', async () => {
    const { checks } = await prepare({}, filtered('in: [1], matchesAll: allowed'));
    expect(checks).toContainEqual(
      expect.objectContaining({ check: 'goal-filter', figure: 'in [1]: 140 of 140 rows', result: 'pass' }),
    );
  });
});

describe('goals before their visit', () => {
  afterEach(() => shop.run('UPDATE sale JOIN visit USING (visit_id) SET sale_time = visit_time'));
  const ofTimes = async (text: string) =>
    (await prepare({ policy: { ...policy, minSales: 5 } }, text)).checks.filter(
      (one) => one.check === 'goal-before-visit',
    );
  const within = SOURCES.replace('time: sale_time }', 'time: sale_time, horizonDays: 2 }');

  test.each([
    [
      'days without time',
      'sale_time = IF(visit_id % 8 = 0, DATE(visit_time), visit_time)',
      within,
      /are not goals/,
    ],
    [
      'another time zone',
      'sale_time = visit_time - INTERVAL 2 HOUR + INTERVAL (visit_id % 20 = 0) DAY',
      within,
      /are not goals/,
    ],
    ['no horizon', 'sale_time = visit_time - INTERVAL 2 HOUR', SOURCES, /count anyway/],
  ])('%s: a warning with the count and what to do', async (_what, set, text, says) => {
    await shop.run(`UPDATE sale JOIN visit USING (visit_id) SET ${set}`);
    const [line, ...more] = await ofTimes(text);
    expect(more).toEqual([]);
    expect(line).toMatchObject({ column: 'sale.sale_time', result: 'warn' });
    expect(line?.figure).toMatch(/^[1-9]\d* of [1-9]\d* rows$/);
    expect(line?.note).toMatch(says);
    expect(line?.note).toContain('use a column with the time of day, correct its time zone (UTC)');
  });

  it('that leave too few goals are named when the run is skipped', async () => {
    await shop.run('UPDATE sale JOIN visit USING (visit_id) SET sale_time = DATE(visit_time)');
    expect(await refusal({}, within)).toMatchObject({
      reason: 'too-few-sales',
      message: expect.stringContaining('these rows are before their visit') as string,
    });
  });

  it('a few are counted without a warning', async () => {
    await shop.run(
      'UPDATE sale JOIN visit USING (visit_id) SET sale_time = visit_time - INTERVAL 1 SECOND WHERE visit_id % 100 = 0',
    );
    const [line] = await ofTimes(SOURCES);
    expect(line).toMatchObject({ result: 'pass' });
    expect(line?.figure).toMatch(/^[1-9]\d* of/);
  });
});

describe('a source with event times', () => {
  const timed = (cut: string) =>
    `${SOURCES}      - { table: click, key: visit_id, time: click_time, missing: zero }\n    ${cut}\n`;

  beforeAll(async () => {
    await shop.run(`
      CREATE TABLE click (visit_id INT NOT NULL, click_time DATETIME NOT NULL, clicks INT, KEY by_visit (visit_id));
      INSERT INTO click SELECT visit_id, visit_time + INTERVAL n.seconds SECOND, 1 FROM visit,
        (SELECT 0 AS seconds UNION ALL SELECT 400) n WHERE product_id = 1;
      ALTER TABLE visit ADD COLUMN read_at DATETIME NULL;
      UPDATE visit SET read_at = visit_time + INTERVAL 60 SECOND;
      UPDATE visit SET read_at = NULL WHERE product_id = 1 AND visit_id % 100 = 1`);
    // of product 1's sales every other one is at 20 minutes, the others are at 2 minutes
    await shop.run(`UPDATE sale JOIN visit USING (visit_id)
      SET sale_time = visit_time + INTERVAL IF(visit_id % 4 = 0, 1200, 120) SECOND WHERE product_id = 1`);
  });
  afterAll(async () => {
    await shop.run(`UPDATE sale JOIN visit USING (visit_id) SET sale_time = visit_time;
      ALTER TABLE visit DROP COLUMN read_at; DROP TABLE click`);
  });

  it('counts only sales after the cut, in the window and its candidates, and reports what is left out', async () => {
    const found = await prepare({ policy: { ...policy, minSales: 10 } }, timed('observe: 300'));
    expect(found.candidates.map((one) => one.sales)).toEqual(found.candidates.map((one) => one.days * 2));
    // 83 days of two sales that count, none of the candidates has more than a hundred of them within 30 days
    expect(found.window).toMatchObject({ days: 56, sales: 112 });
    expect(found.checks).toContainEqual({
      check: 'goal-before-cut',
      figure: 112,
      limit: '20 % of the visits with the goal',
      result: 'warn',
      note: expect.stringContaining('lower observe (now 300 s)'),
    });
    const ofClicks = found.checks.filter(({ column }) => column?.startsWith('click'));
    expect(ofClicks).toMatchObject([
      { check: 'not-a-feature' },
      { check: 'not-a-feature' },
      { check: 'empty-feature-table', figure: 1, result: 'pass' },
      { check: 'column-of-nulls', figure: 1, result: 'pass' },
    ]);
  });

  it('whose events all come after the cut has an empty table, and says how to include them', async () => {
    await shop.run('DELETE c FROM click c JOIN visit v USING (visit_id) WHERE c.click_time = v.visit_time');
    const { checks } = await prepare({ policy: { ...policy, minSales: 10 } }, timed('observe: 300'));
    await shop.run('INSERT INTO click SELECT visit_id, visit_time, 1 FROM visit WHERE product_id = 1');
    expect(checks).toContainEqual(
      expect.objectContaining({
        check: 'empty-feature-table',
        column: 'click.visit_id',
        result: 'warn',
        note: expect.stringContaining('no visit has an event that counts before its cut'),
      }),
    );
  });

  it('with an earlier cut leaves out no visit', async () => {
    const { window, checks } = await prepare({}, timed('observe: 60'));
    expect(window).toMatchObject({ days: 35, sales: 140 });
    expect(checks).toContainEqual({
      check: 'goal-before-cut',
      figure: 0,
      limit: '20 % of the visits with the goal',
      result: 'pass',
    });
  });

  it('with a cut column reports visits without a cut, and visits that can still have a goal', async () => {
    const latestCut = new Date(END.getTime() - 7 * DAY_MS - 86_400_000);
    const { checks } = await prepare({ latestCut }, timed('cut: read_at'));
    const line = (check: string) => checks.find((one) => one.check === check);
    // 35 days of 8 visits: odd ids, one in fifty of them without a cut; the last day is too late
    expect(line('no-cut')).toMatchObject({ column: 'visit.read_at', result: 'warn' });
    expect(line('no-cut')?.figure).toBeGreaterThan(0);
    expect(line('cut-too-late')).toMatchObject({ column: 'visit.read_at', figure: 8, result: 'warn' });
  });

  it('fails if all visits have their goal before the cut, and says what to lower', async () => {
    const failed = await refusal({ product: 2 }, timed('observe: 300'));
    expect(failed).toMatchObject({
      code: 'goal-before-cut',
      message: expect.stringContaining('visits are left out because they reach the goal before'),
    });
  });

  it('is skipped if too few sales are left, and says how many are before the cut', async () => {
    const skipped = await refusal({ policy: { ...policy, minSales: 500 } }, timed('observe: 300'));
    expect(skipped).toMatchObject({
      reason: 'too-few-sales',
      figures: { leftOut: { noCut: 0, cutTooLate: 0 } },
      message: expect.stringMatching(/fewer than 500; \d+ visits are left out because.*lower observe/),
    });
  });
});

describe('times that cannot be read', () => {
  const dropping = SOURCES.replace('connectionEnv', 'unreadable: drop\n    connectionEnv');

  beforeAll(() =>
    shop.run(`SET SESSION sql_mode = 'ALLOW_INVALID_DATES';
      INSERT INTO visit VALUES (90001, 1, '2023-03-00 10:00:00'), (90002, 1, '2023-03-10 10:00:00');
      INSERT INTO sale (visit_id, sale_time) VALUES (90001, '2023-03-10 10:00:00'), (90002, '0000-00-00')`),
  );
  afterAll(() =>
    shop.run('DELETE FROM visit WHERE visit_id > 90000; DELETE FROM sale WHERE visit_id > 90000'),
  );

  it('end the run with column, count and the first of them', async () => {
    const failed = await refusal({});
    expect(failed).toMatchObject({ code: 'unreadable-values', retryable: false });
    const { message } = failed as Error;
    expect(message).toContain('unreadable-values visit.visit_time = 1, such as 2023-03-00 10:00:00');
    expect(message).toContain('unreadable-values sale.sale_time = 1, such as 0000-00-00 00:00:00');
    expect(message).toContain('or declare unreadable: drop for source main');
  });

  it('are left out and counted if that is declared: the window is that of the others', async () => {
    const { checks, window } = await prepare({}, dropping);
    expect(window).toMatchObject({ days: 35, sales: 140 });
    expect(checks.filter((one) => one.check === 'unreadable-values')).toMatchObject([
      { column: 'visit.visit_time', figure: '1, such as 2023-03-00 10:00:00', result: 'warn' },
      { column: 'sale.sale_time', figure: '1, such as 0000-00-00 00:00:00', result: 'warn' },
    ]);
  });
});

describe('what ends a run', () => {
  test.each([
    [{ product: 3 }, 'too-few-sales', { sales: 1, minSales: 20, visits: 664 }],
    [{ product: 4 }, 'no-data', { visits: 0, lastVisit: null }],
    [
      { rangeEnd: new Date('2022-01-01T00:00:00Z') },
      'no-data',
      { visits: 0, firstVisit: '2023-01-01T00:00:00.000Z' },
    ],
  ])('%j is skipped: %s, with the figures', async (request, reason, figures) => {
    expect(await refusal(request)).toMatchObject({ reason, figures });
  });

  test.each([
    [{ source: 'other' }, 'unknown-source', 'source'],
    [{ goal: 'signup' }, 'unknown-goal', 'goal'],
    [{ product: 99 }, 'unknown-product', 'product'],
    [{ product: 5 }, 'inactive-product', 'product'],
    [{ rangeStart: new Date('2023-03-25T00:00:00Z') }, 'range-too-short', 'range'],
  ])('%j is bad input: %s', async (request, code, field) => {
    expect(await refusal(request)).toMatchObject({ code, refusal: { field } });
  });

  it('a constant label fails, with the report', async () => {
    const failed = await refusal({ product: 2 });
    expect(failed).toBeInstanceOf(InputCheckFailedError);
    expect(failed).toMatchObject({
      code: 'constant-label',
      checks: [
        { check: 'constant-label', figure: 1 },
        { check: 'goal-before-visit', result: 'pass' },
      ],
    });
  });

  it('a feature table without its key fails, and lists the existing columns', async () => {
    const failed = await refusal({}, SOURCES.replace('agg_pages, key: visit_id', 'agg_pages, key: visit'));
    expect(codeOf(failed)).toBe('missing-key-column');
    expect((failed as Error).message).toContain('use one of visit_id, pages, nothing');
  });

  it('an empty feature table fails if missing means unknown, and warns if it means zero', async () => {
    await shop.run('CREATE TABLE agg_empty (visit_id INT PRIMARY KEY, clicks INT)');
    const unknown = await refusal({}, SOURCES.replace('table: agg_other', 'table: agg_empty'));
    expect(codeOf(unknown)).toBe('empty-feature-table');
    const { checks } = await prepare({}, SOURCES.replace('table: agg_pages', 'table: agg_empty'));
    expect(checks).toContainEqual(
      expect.objectContaining({ check: 'empty-feature-table', column: 'agg_empty.visit_id', result: 'warn' }),
    );
  });
});
