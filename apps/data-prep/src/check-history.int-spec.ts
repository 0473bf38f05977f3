import { DEFAULT_POLICY, type Policy } from '@factory/domain';
import {
  DEFAULT_CHECK_LIMITS,
  type CheckCode,
  type CheckFinding,
  type CheckLimits,
} from '@factory/judgement';
import type { ChampionData, StageResult } from '@factory/ledger';
import { PLANTED_FAULTS, simulateSeries, type Series } from '@factory/simulator';
import { SourceAccess, SourcesFile, sourceGrants } from '@factory/source';
import type { StageWork } from '@factory/stage';
import { createTestShop, testServers, type TestShop } from '@factory/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrepareData } from './prepare-data';
import { PrepareRun } from './prepare-run';

const DAY_MS = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const CHAMPION_END = START + 42 * DAY_MS;
const END = CHAMPION_END + 7 * DAY_MS;
const policy: Policy = { ...DEFAULT_POLICY, minSales: 50, rangeDays: 49 };
const RUN = '11111111-1111-4111-8111-111111111111';
const simulated = simulateSeries({ seed: 21, startMs: START, days: 49, visitsADay: 150, baseRate: 0.06 });
const TABLES = ['agg_pages', 'agg_durations'];
const series = { ...simulated, tables: simulated.tables.filter(({ table }) => TABLES.includes(table)) };

let shop: TestShop;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'check-history-'));
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  await shop.run(`
    CREATE TABLE product (product_id INT PRIMARY KEY);
    INSERT INTO product VALUES (1);
    CREATE TABLE visit (visit_id VARCHAR(20) NOT NULL, product_id INT NOT NULL, visit_time DATETIME(3) NOT NULL,
      KEY by_id (visit_id), KEY by_time (product_id, visit_time));
    CREATE TABLE sale (visit_id VARCHAR(20) NOT NULL, sale_time DATETIME(3) NOT NULL, KEY by_id (visit_id));
    ${series.tables.map(({ table }) => `CREATE TABLE ${table} (visit_id VARCHAR(20) NOT NULL, seen INT, KEY by_id (visit_id))`).join(';')}`);
});
afterAll(async () => {
  await shop.close();
  rmSync(folder, { recursive: true });
});

/** Replaces the shop's rows. A visit that is there twice has its goal and its features once. */
async function store(found: Series): Promise<void> {
  const tables = ['visit', 'sale', ...found.tables.map(({ table }) => table)];
  // One transaction: every commit waits for the disk.
  await shop.run(['BEGIN', ...tables.map((table) => `DELETE FROM ${table}`)].join(';'));
  const rows = Array.from({ length: found.rows }, (_, row) => row);
  const visit = (row: number) => ({ visit_id: found.visitIds[row], time: new Date(found.visitTimes[row]!) });
  await shop.insert(
    'visit',
    rows.map(visit).map(({ visit_id, time }) => ({ visit_id, product_id: 1, visit_time: time })),
  );
  const once = rows.filter((row) => found.visitIds[row] !== found.visitIds[row - 1]);
  const sold = once.filter((row) => found.labels[row] === 1).map(visit);
  await shop.insert(
    'sale',
    sold.map(({ visit_id, time }) => ({ visit_id, sale_time: time })),
  );
  for (const { table, hasRow } of found.tables)
    await shop.insert(
      table,
      once.filter((row) => hasRow[row] === 1).map((row) => ({ visit_id: found.visitIds[row], seen: 1 })),
    );
  await shop.run('COMMIT');
}

interface Asked {
  readonly champion?: ChampionData | undefined;
  readonly checks?: CheckLimits;
  readonly overrules?: StageWork<'data-prep'>['claim']['overrules'];
  readonly start?: number;
  readonly to?: number;
  readonly timeZone?: string;
}

const window = (end: number) => ({
  start: new Date(START).toISOString(),
  trainEnd: new Date(end - 7 * DAY_MS).toISOString(),
  end: new Date(end).toISOString(),
  days: 35,
  sales: 500,
});
const champion: ChampionData = { version: 'v1', window: window(CHAMPION_END) };

interface Prepared extends StageResult {
  readonly findings: readonly CheckFinding[];
}

async function prepare(asked: Asked = {}): Promise<Prepared> {
  const path = join(folder, 'sources.yaml');
  writeFileSync(
    path,
    `sources:
  main:
    connectionEnv: SOURCE_MAIN_URL
    timeZone: ${asked.timeZone ?? 'UTC'}
    products: { table: product, id: product_id }
    visits: { table: visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: sale, visit: visit_id, time: sale_time } }
    features:
${series.tables.map(({ table, missing }) => `      - { table: ${table}, key: visit_id, missing: ${missing}, prefix: ${table}_ }`).join('\n')}
`,
  );
  const sources = new SourceAccess(SourcesFile.load(path), {
    variable: () => shop.url,
    sourceConcurrency: 99,
  });
  const history = {
    champion: () => Promise.resolve('champion' in asked ? asked.champion : champion),
    rules: { for: () => ({ checks: asked.checks ?? DEFAULT_CHECK_LIMITS }) },
  };
  const files = new Map<string, string>();
  const store = {
    put: (key: string, body: unknown) => {
      files.set(key, String(body));
      return Promise.resolve();
    },
  };
  const prepare = new PrepareRun(new PrepareData(sources, history), store as never, {
    find: () => Promise.resolve(undefined),
  });
  const result = await prepare.execute({
    input: {
      ...{ v: 1, run: RUN, source: 'main', product: 1, goal: 'sale', shard: '0', grid: 'quick' },
      ...(asked.start === undefined ? {} : { start: new Date(asked.start).toISOString() }),
      end: new Date(asked.to ?? END).toISOString(),
    },
    claim: { run: RUN, stage: 'data-prep', shard: '0', token: 1, overrules: asked.overrules ?? [] },
    policy,
    seed: undefined,
    signal: new AbortController().signal,
    tell: () => undefined,
  } as unknown as StageWork<'data-prep'>);
  return { ...result, end: result.end, findings: result.output['findings'] as CheckFinding[] };
}

const plant = (name: string): Promise<void> => {
  const fault = PLANTED_FAULTS.find((one) => one.name === name);
  if (!fault) throw new RangeError(name);
  return store(fault.plant(series, { from: CHAMPION_END, to: END }));
};

const FAULTS: readonly [fault: string, code: CheckCode, column: string | undefined][] = [
  ['halved-rows', 'rows-low', undefined],
  ['doubled-visits', 'duplicate-visits', undefined],
  ['doubled-visits-new-ids', 'rows-high', undefined],
  ['missing-days', 'missing-day', undefined],
  ['stale-days', 'stale-data', undefined],
  ['late-data', 'day-low', undefined],
  ['goal-outage', 'goal-outage', undefined],
  ['table-outage', 'table-outage', 'agg_durations'],
  ['table-outage-of-days', 'table-outage', 'agg_pages'],
];

describe.each(FAULTS)('after %s', (fault, code, column) => {
  beforeAll(() => plant(fault));

  it('a retrain is rejected with its code, before anything is drawn', async () => {
    const { end, events, findings } = await prepare();
    expect(events).toBeUndefined();
    expect(end?.outcome).toBe('rejected');
    expect(end?.reason).toContain(code);
    expect(end?.details?.['message']).toContain(`--overrule ${code}`);
    const found = findings.find((one) => one.code === code);
    expect(found).toMatchObject({ severity: 'stop', ...(column === undefined ? {} : { column }) });
    expect(end?.details?.['message']).toContain(String(found?.words));
  });

  it('a first import is trained on, with a warning; not if visits are there twice', async () => {
    const { end, findings } = await prepare({ champion: undefined });
    if (code === 'duplicate-visits') expect(end).toMatchObject({ outcome: 'rejected', reason: code });
    else {
      expect(end).toBeUndefined();
      expect(findings).toContainEqual(expect.objectContaining({ code, severity: 'warn' }));
    }
  });
});

describe('a retrain of a product with a champion', () => {
  it('goes on if nothing stands out, also by the calendar of another zone', async () => {
    await store(series);
    expect(await prepare()).toMatchObject({
      end: undefined,
      findings: [],
      events: [{ event: 'data.prepared' }],
    });
    // The range ends at midnight in Los Angeles: seven hours of the last date of UTC.
    const hours = 8 * 3_600_000;
    const west = { version: 'v1', window: window(CHAMPION_END - DAY_MS + hours) };
    expect(
      await prepare({ champion: west, to: END - DAY_MS + hours, timeZone: 'America/Los_Angeles' }),
    ).toMatchObject({ findings: [] });
  });

  it('of the days that its champion knows already has nothing new to check', async () => {
    await plant('stale-days');
    expect(await prepare({ champion: { version: 'v1', window: window(END) } })).toMatchObject({
      end: undefined,
      findings: [],
    });
  });
});

describe('a retrain with half of the visits', () => {
  beforeAll(() => plant('halved-rows'));

  it('goes on with checks that somebody has overruled, which stay among the findings', async () => {
    const overrules = [{ check: 'rows-low', reason: 'the shop is closed', by: 'ann' }];
    const { end, events, findings } = await prepare({ overrules });
    expect(end).toBeUndefined();
    expect(events).toHaveLength(1);
    expect(findings).toMatchObject([
      { code: 'rows-low', severity: 'stop', overruled: { reason: 'the shop is closed', by: 'ann' } },
    ]);
    const other = await prepare({ overrules: [{ ...overrules[0]!, check: 'rows-high' }] });
    expect(other.end?.reason).toBe('rows-low');
  });

  it('follows the limits of its product', async () => {
    const { checks, falseStops } = DEFAULT_CHECK_LIMITS;
    const of = (one: Partial<CheckLimits['checks'][CheckCode]>) =>
      prepare({
        checks: { falseStops, checks: { ...checks, 'rows-low': { ...checks['rows-low'], ...one } } },
      });
    expect(await of({ severity: 'warn' })).toMatchObject({
      end: undefined,
      findings: [{ code: 'rows-low', severity: 'warn' }],
    });
    expect(await of({ severity: 'off' })).toMatchObject({ end: undefined, findings: [] });
    expect(await of({ limit: 0.3 })).toMatchObject({ end: undefined, findings: [] });
  });

  it('is checked by the last seven days if those of its champion are not known', async () => {
    expect((await prepare({ champion: { version: 'v1', window: null } })).end?.reason).toBe('rows-low');
  });
});

describe('a first import', () => {
  beforeAll(() => store(series));

  it.each<[what: string, asked: Asked]>([
    ['a file of two weeks', { start: END - 15 * DAY_MS }],
    ['a range that begins long before it', { start: START - 60 * DAY_MS }],
    ['a range that ends days after it', { to: END + 10 * DAY_MS }],
    ['a range that ends within a day', { to: END - 17 * 3_600_000 }],
  ])('of %s is not stopped', async (_what, asked) => {
    expect((await prepare({ ...asked, champion: undefined })).end).toBeUndefined();
  });
});
