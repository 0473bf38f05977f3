import { DEFAULT_POLICY, type Column } from '@factory/domain';
import { DEFAULT_RULES, parseDataChecks, type CheckCode, type DataChecks } from '@factory/judgement';
import type { Claim } from '@factory/ledger';
import { parseProfile, type Profile } from '@factory/model';
import { putVerified, S3ObjectStore, s3ConfigSchema } from '@factory/object-store';
import { PLANTED_FAULTS, simulateSeries, type Series } from '@factory/simulator';
import { SourceAccess, SourcesFile, sourceGrants } from '@factory/source';
import { createTestShop, freshBucketPrefix, testServers, type TestShop } from '@factory/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChampionProfile } from './champion-profile';
import { DrawSample } from './draw-sample';
import { SampleRun } from './sample-run';
import { workHere } from './spec-dataset-work';

jest.setTimeout(240_000);

const DAY_MS = 86_400_000;
const START = Date.UTC(2024, 0, 1);
/** End of the champion's range, and of the one a week later. */
const [THEN, NOW] = [START + 42 * DAY_MS, START + 49 * DAY_MS];
const OUT_OF_TIME_MS = 7 * DAY_MS;
const SOURCES = `
sources:
  main:
    connectionEnv: SOURCE_MAIN_URL
    products: { table: product, id: product_id }
    visits: { table: visit, id: visit_id, product: product_id, visitor: visitor_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: sale, visit: visit_id, time: visit_time } }
    features: [{ table: behaviour, key: visit_id, missing: unknown, exclude: [left_out] }]
`;
const series = simulateSeries({ seed: 21, startMs: START, days: 49, visitsADay: 250, baseRate: 0.08 });
const fresh = freshBucketPrefix('sampling');
const store = new S3ObjectStore(s3ConfigSchema.parse({ ...fresh.store, prefix: fresh.prefix }));
let shop: TestShop;
let folder: string;
let draw: DrawSample;
let tokens = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sampling-'));
  writeFileSync(join(folder, 'sources.yaml'), SOURCES);
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  const sources = new SourceAccess(SourcesFile.load(join(folder, 'sources.yaml')), {
    variable: () => shop.url,
    sourceConcurrency: 99,
    stopwatch: () => 0,
  });
  draw = new DrawSample(sources, 'key of the spec', workHere);
  await fill(series);
});
afterAll(async () => {
  await shop.close();
  rmSync(folder, { recursive: true });
  store.close();
  await fresh.dispose();
});

/** Makes the shop's tables those of a series. */
async function fill(found: Series): Promise<void> {
  const types = found.features.map(
    ({ kind, name }) => `\`${name}\` ${kind === 'number' ? 'DOUBLE' : 'VARCHAR(40)'}`,
  );
  await shop.run(`
    DROP TABLE IF EXISTS product, visit, sale, behaviour;
    CREATE TABLE product (product_id INT PRIMARY KEY);
    INSERT INTO product VALUES (7);
    CREATE TABLE visit (visit_id INT PRIMARY KEY, product_id INT, visitor_id VARCHAR(20), visit_time DATETIME, KEY by_time (product_id, visit_time));
    CREATE TABLE sale (visit_id INT PRIMARY KEY, visit_time DATETIME);
    CREATE TABLE behaviour (visit_id INT PRIMARY KEY, left_out INT, ${types.join(', ')})`);
  const rows = [...found.labels.keys()];
  const visits = rows.map((row) => ({
    visit_id: found.visitIds[row],
    product_id: 7,
    visitor_id: found.visitorIds[row],
    visit_time: new Date(found.visitTimes[row] ?? 0),
  }));
  await shop.insert('visit', visits);
  await shop.insert(
    'sale',
    visits
      .filter((_, row) => found.labels[row] === 1)
      .map(({ visit_id, visit_time }) => ({ visit_id, visit_time })),
  );
  await shop.insert(
    'behaviour',
    rows.map((row) => ({
      visit_id: found.visitIds[row],
      ...Object.fromEntries(found.features.map((column) => [column.name, valueOf(column, row)])),
    })),
  );
}

function valueOf(column: Column, row: number): number | string | null {
  if (column.kind === 'category') return column.levels[column.codes[row] ?? -1] ?? null;
  const value = column.values[row] ?? NaN;
  return Number.isNaN(value) ? null : value;
}

const NO_CHAMPION: ChampionProfile = { profile: undefined, why: undefined };

/** What sampling makes of the shop for a run up to `end`. */
async function sample(end: number, champion = NO_CHAMPION, overrules: Claim['overrules'] = []) {
  const checks = await putVerified(store, 'checks.json', '[]', { contentType: 'application/json' });
  const window = {
    start: new Date(START).toISOString(),
    trainEnd: new Date(end - OUT_OF_TIME_MS).toISOString(),
    end: new Date(end).toISOString(),
    days: 35,
    sales: 500,
  };
  const key = { source: 'main', product: 7, goal: 'sale' };
  const run = new SampleRun(draw, workHere, store, DEFAULT_RULES, {
    profileOf: () => Promise.resolve(champion),
  });
  const result = await run.execute({
    input: { ...key, v: 1, run: 'r', shard: '0', window, checks },
    claim: {
      run: 'r',
      stage: 'sampling',
      shard: '0',
      token: ++tokens,
      untilStage: null,
      overrules,
    } as unknown as Claim,
    policy: DEFAULT_POLICY,
    seed: undefined,
    signal: new AbortController().signal,
    tell: () => undefined,
  });
  const { profile, dataChecks } = result.output as Record<
    'profile' | 'dataChecks',
    { key: string; sha256: string }
  >;
  const text = (await store.get(profile.key, 'document')).toString('utf8');
  return {
    result,
    sha256: profile.sha256,
    profile: parseProfile(JSON.parse(text)),
    checks: parseDataChecks(JSON.parse((await store.get(dataChecks.key, 'document')).toString('utf8'))),
  };
}

const stops = (findings: DataChecks['findings']) =>
  findings.filter(({ severity }) => severity === 'stop').map(({ code }) => code);

describe('the profile of a drawn dataset', () => {
  it('is of the rows to train and choose on, at what they weigh, and ends with the range', async () => {
    const { profile, result } = await sample(THEN);
    const inWindow = (at: number) => (series.visitTimes[at] ?? 0) < THEN - OUT_OF_TIME_MS;
    const visits = [...series.labels.keys()].filter(inWindow).length;
    // The test rows, a fifth of the visitors, are left out.
    expect(profile.weight / visits).toBeGreaterThan(0.74);
    expect(profile.weight / visits).toBeLessThan(0.86);
    expect(profile.effectiveRows).toBeLessThan(profile.rows);
    expect(profile.end).toBe(new Date(THEN).toISOString());
    expect(profile.columns.map(({ name }) => name)).not.toContain('left_out');
    expect(result.end).toBeUndefined();
    expect(result.events).toHaveLength(1);
  });

  it('is the same, byte for byte, when the work is done again', async () => {
    const [first, second] = [await sample(THEN), await sample(THEN)];
    expect(second.sha256).toBe(first.sha256);
    expect(second.checks).toEqual(first.checks);
  });
});

describe('a dataset', () => {
  let champion: Extract<ChampionProfile, { version: string }>;
  beforeAll(async () => {
    const { profile } = await sample(THEN);
    champion = { version: 'v1', profile, from: 'bundle' };
  });
  afterEach(() => fill(series));

  it('of a stable product passes, compared with its champion', async () => {
    const { result, checks } = await sample(NOW, champion);
    expect(stops(checks.findings)).toEqual([]);
    expect(checks.champion).toEqual({ version: 'v1', end: new Date(THEN).toISOString(), profile: 'bundle' });
    expect(checks.checked.filter(({ code }) => code === 'leak-presence')).toHaveLength(
      champion.profile.columns.length,
    );
    expect(result.events).toHaveLength(1);
  });

  it.each<readonly [fault: string, code: CheckCode]>([
    ['all-null', 'all-missing'],
    ['unit-x100', 'unit-change'],
    ['shifted-column', 'shift'],
    ['vanished-level', 'level-vanished'],
    ['new-level', 'level-new'],
    ['changed-type', 'type-changed'],
    ['lost-column', 'column-lost'],
    ['leak-after-goal', 'leak-auc'],
    ['leak-by-id', 'leak-presence'],
  ])('with the fault %s ends its run as rejected: %s', async (name, code) => {
    const fault = PLANTED_FAULTS.find((one) => one.name === name);
    if (!fault) throw new Error(`no fault ${name}`);
    await fill(fault.plant(series, { from: THEN, to: NOW }));
    const { result, checks } = await sample(NOW, champion);
    expect(stops(checks.findings)).toContain(code);
    expect(result.end).toMatchObject({ outcome: 'rejected' });
    expect(result.end?.reason.split(/, | and /)).toContain(stops(checks.findings)[0]);
    expect(result.events).toBeUndefined();
  });

  it('has not lost a column that sources.yaml leaves out', async () => {
    const known: Profile = champion.profile;
    const [one] = known.columns;
    const wide = { ...known, columns: [...known.columns, { ...one!, name: 'left_out' }] };
    const { result } = await sample(NOW, { ...champion, profile: wide });
    expect(result.end).toBeUndefined();
  });

  it('of a first model is checked for leaks, and compared with nothing', async () => {
    const leak = PLANTED_FAULTS.find((one) => one.name === 'leak-by-status');
    await fill(leak!.plant(series, { from: THEN, to: NOW }));
    const { result, checks } = await sample(NOW);
    expect(checks).toMatchObject({ champion: null, skipped: [] });
    expect(result.end).toMatchObject({ outcome: 'rejected', reason: 'leak-auc' });
    expect(result.end?.details?.['message']).toMatch(
      /^status alone ranks .* sources.yaml .*--overrule leak-auc/,
    );
    const overruled = { check: 'leak-auc', column: 'status', reason: 'known before', by: 'ann' };
    const again = await sample(NOW, NO_CHAMPION, [overruled]);
    expect(again.result.end).toBeUndefined();
    expect(again.checks.findings).toMatchObject([{ code: 'leak-auc', overruled: { by: 'ann' } }]);
  });
});
