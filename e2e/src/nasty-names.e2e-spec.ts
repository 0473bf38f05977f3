import {
  NASTY_NAMES,
  freshShop,
  mustSucceed,
  runFactoryCli,
  startFactory,
  type Factory,
  type FreshDatabase,
} from '@factory/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPage } from './open-page';

const names = NASTY_NAMES.filter(({ refusedAs }) => refusedAs === undefined).map(({ name }) => name);
const ROWS = 4_000;

/** What is looked at of report.json. */
interface Report {
  readonly verdict: { readonly decision: string; readonly words: string };
  readonly metrics: {
    readonly judging: {
      readonly logLoss: number;
      readonly intervals: { readonly logLoss: { readonly lower95: number; readonly upper95: number } };
    };
  };
  readonly importance: {
    readonly columns: readonly { readonly column: string; readonly increase: number }[];
  };
}

/** A number for each column that no other column has, the same each time. */
const value = (column: number, row: number): number => (Math.imul(row + 1, 2 * column + 7) >>> 3) % 97;
const level = (row: number): string => names[Math.imul(row, 7) % names.length] ?? '';
/**
 * The goal follows `__proto__`, and the level: what is read of another column cannot tell it. One row in eight is the
 * other way round, since what tells the goal without fail is taken for a leak.
 */
const hasGoal = (row: number): boolean =>
  (value(0, row) > 70 || level(row) === 'constructor') !== (Math.imul(row + 1, 0x9e3779b1) >>> 29 === 0);
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** A shop whose columns and levels are called what breaks things, from its file to scores of the same file. */
describe('unusual names through the whole chain', () => {
  let folder: string;
  let shop: FreshDatabase;
  let factory: Factory;
  let file: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nasty-names-'));
    shop = await freshShop();
    file = join(folder, 'visits.csv');
    const header = ['when', 'sold', ...names, 'level of'].map(quoted).join(',');
    const lines = Array.from({ length: ROWS }, (_, row) =>
      [
        `2024-02-${String((row % 28) + 1).padStart(2, '0')}`,
        hasGoal(row) ? 'yes' : 'no',
        ...names.map((_, column) => value(column, row)),
        quoted(level(row)),
      ].join(','),
    );
    writeFileSync(file, [header, ...lines, ''].join('\n'));
    const env = {
      SOURCE_ADMIN_URL: shop.url,
      SOURCE_NASTY_URL: shop.url,
      SOURCES_FILE: join(folder, 'sources.yaml'),
    };
    const args = [
      'import',
      file,
      '--source',
      'nasty',
      '--goal-column',
      'sold',
      '--time-column',
      'when',
      '--json',
    ];
    mustSucceed('factory import', await runFactoryCli(env, args));
    factory = await startFactory({ shops: [], env });
    await factory.json(
      'policy',
      'set',
      '1',
      '--source',
      'nasty',
      'minSales=50',
      'outOfTimeDays=0',
      'epochs=40',
    );
  }, 180_000);
  afterAll(async () => {
    await factory?.dispose();
    await shop?.dispose();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('trains, publishes and scores, every column and level by its name', async () => {
    const request = ['--source', 'nasty', '--start', '2024-02-01', '--end', '2024-02-28', '--grid', 'quick'];
    const { runs } = await factory.json<{ runs: { outcome: string; version: string }[] }>(
      'retrain',
      ...request,
      '--wait',
      '--timeout',
      '150',
    );
    expect(runs).toMatchObject([{ outcome: 'published' }]);
    const [{ version }] = (await factory.json<{ version: string }[]>('models', '--source', 'nasty')) as [
      { version: string },
    ];
    const bundle = async <T>(name: string): Promise<T> =>
      JSON.parse((await factory.object(`models/nasty/goal/1/${version}/${name}`)).toString('utf8')) as T;
    const transform = await bundle<{ features: { column: string }[]; outputs: string[] }>('transform.json');
    expect(transform.features.map(({ column }) => column)).toEqual([...names, 'level of']);
    expect(new Set(transform.outputs).size).toBe(transform.outputs.length);
    for (const name of names) expect(transform.outputs).toContain(name);
    const golden = await bundle<{ rows: { row: object }[] }>('golden.json');
    expect(Object.keys(golden.rows[0]!.row).sort()).toEqual([...names, 'level of'].sort());

    const scored = await factory.json<Record<string, unknown>[]>(
      'score',
      file,
      '--source',
      'nasty',
      '--product',
      '1',
    );
    expect(scored).toHaveLength(ROWS);
    const mean = (wanted: boolean): number => {
      const some = scored.filter((_, row) => hasGoal(row) === wanted);
      return some.reduce((sum, row) => sum + Number(row['probability']), 0) / some.length;
    };
    expect(mean(true)).toBeGreaterThan(2 * mean(false));
    expect(scored[1]).toMatchObject(
      Object.fromEntries(names.map((name, at) => [name, String(value(at, 1))])),
    );
  }, 200_000);

  it('shows the card in a browser: figures as in the report, both pictures, names as text', async () => {
    const file = join(folder, 'card.html');
    const ofModel = ['--source', 'nasty', '--product', '1'];
    expect(await factory.cli('models', 'card', ...ofModel, '--html', file)).toMatchObject({ code: 0 });
    const { version } = await factory.json<{ version: string }>('models', 'card', ...ofModel);
    const report = JSON.parse(
      (await factory.object(`models/nasty/goal/1/${version}/report.json`)).toString('utf8'),
    ) as Report;
    const card = await openPage(file);
    expect(card.requests).toEqual([`file://${file}`]);
    expect(
      card.elements.filter((name) => ['script', 'a', 'iframe', 'object', 'link'].includes(name)),
    ).toEqual([]);
    expect(card.pictures).toHaveLength(2);
    for (const { width, height } of card.pictures) {
      expect(width).toBeGreaterThan(300);
      expect(height).toBeGreaterThan(100);
    }
    expect(card.text).toContain(`Verdict: ${report.verdict.decision}. ${report.verdict.words}`);
    const { logLoss, intervals } = report.metrics.judging;
    expect(card.tables[0]).toContainEqual(
      expect.arrayContaining([
        'log-loss',
        logLoss.toFixed(5),
        `${intervals.logLoss.lower95.toFixed(5)} to ${intervals.logLoss.upper95.toFixed(5)}`,
      ]),
    );
    const named = report.importance.columns.slice(0, 15);
    expect(card.tables.at(-1)!.slice(1)).toEqual(
      named.map(({ column, increase }) => [shownAs(column), increase.toFixed(5)]),
    );
  }, 60_000);
});

/** White space as a browser shows it. */
const shownAs = (text: string): string => text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
