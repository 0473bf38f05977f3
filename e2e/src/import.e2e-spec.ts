import { mustSucceed, runFactoryCli, startFactory, type Factory } from '@factory/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Scored {
  readonly probability: number;
  readonly percentile: number;
}

const ROWS = 4_000;

/** Rows of which the first column says, mostly, whether the goal was reached. */
function rowsOf(decimal: string): string[] {
  return Array.from({ length: ROWS }, (_, row) => {
    const spread = (row * 7_919) % 1_000;
    const reached = spread > 850 ? row % 10 !== 0 : row % 40 === 0;
    const called = row % 3 === 0;
    const amount = (spread / 10).toFixed(1).replace('.', decimal);
    const age = row % 50 === 0 ? 'k. A.' : String(20 + (row % 60));
    return [
      row + 1,
      amount,
      age,
      ['web', 'shop', 'phone'][row % 3],
      reached ? 'ja' : 'nein',
      called ? 'ja' : 'nein',
    ].join(';');
  });
}

const fileText = (decimal: string): string =>
  ['nr;betrag;alter;kanal;gekauft;angerufen', ...rowsOf(decimal), ''].join('\n');

describe('a file without times, with decimal commas and two goals', () => {
  const folder = mkdtempSync(join(tmpdir(), 'factory-import-'));
  const file = join(folder, 'kunden.csv');
  let factory: Factory;

  beforeAll(async () => {
    factory = await startFactory({ shops: [{ source: 'main', products: ['1:2000:0.06'] }] });
    writeFileSync(file, fileText(','));
    const admin = new URL(factory.env['SOURCE_ADMIN_URL'] ?? '');
    admin.pathname = `/${factory.shops.get('main') ?? ''}`;
    const args = [
      'import',
      '--source',
      'kunden',
      '--connection-env',
      'SOURCE_MAIN_URL',
      '--no-time',
      '--id-column',
      'nr',
    ];
    args.push('--goal', 'kauf=gekauft:ja', '--goal', 'anruf=angerufen:ja', '--other-value', 'nein');
    args.push('--decimal', 'comma', '--missing', 'k. A.', '--exclude', 'nr', file);
    mustSucceed('import', await runFactoryCli({ ...factory.env, SOURCE_ADMIN_URL: admin.href }, args));
    for (const goal of ['kauf', 'anruf'])
      mustSucceed(
        'policy set',
        await factory.cli(
          ...['policy', 'set', '1', 'minSales=50', 'epochs=8', 'grid=quick', 'outOfTimeDays=30'],
          ...['--source', 'kunden', '--goal', goal, '--reason', 'small'],
        ),
      );
  }, 180_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await factory?.dispose();
  }, 60_000);

  const retrain = (goal: string) =>
    factory.json<{ runs: { run: string; outcome: string }[] }>(
      ...['retrain', '--source', 'kunden', '--product', '1', '--goal', goal, '--wait'],
    );
  const score = (path: string, ...more: string[]) =>
    factory.json<Scored[]>('score', path, '--source', 'kunden', '--product', '1', '--goal', 'kauf', ...more);

  it('trains on every row and is published without an out-of-time part, which the report says', async () => {
    const { runs } = await retrain('kauf');
    expect(runs).toMatchObject([{ outcome: 'published' }]);
    const keys = await factory.keys('models/kunden/kauf/1/');
    const text = async (name: string) =>
      (await factory.object(keys.find((key) => key.endsWith(name))!)).toString('utf8');
    const report = JSON.parse(await text('/report.json')) as unknown;
    expect(report).toMatchObject({
      window: { noTime: true },
      judging: { part: 'test', reason: 'no time: there is no out-of-time part' },
      metrics: { outOfTime: null },
    });
    expect(await text('/card.md')).toContain('No time: there is no out-of-time part');
    const shown = await factory.cli('runs', 'show', runs[0]!.run);
    expect(shown.stdout).toContain('no time: every visit is trained on');
    const models = await factory.cli('models', '--source', 'kunden');
    expect(models.stdout).toContain('every visit: no time');
  }, 120_000);

  it('never learns one goal from the column of the other', async () => {
    const { runs } = await retrain('anruf');
    const key = (await factory.keys(`runs/${runs[0]!.run}/sampling/`)).find((one) =>
      one.endsWith('/dataset.json'),
    )!;
    const { columns } = JSON.parse((await factory.object(key)).toString('utf8')) as {
      columns: { name: string }[];
    };
    expect(columns.map(({ name }) => name)).toEqual(['betrag', 'alter', 'kanal']);
  }, 120_000);

  it('is scored by the rules it was imported with, and alike in another notation that is named', async () => {
    const scored = await score(file);
    const dots = join(folder, 'dots.csv');
    writeFileSync(dots, fileText('.'));
    expect((await score(dots, '--decimal', 'dot')).map(({ probability }) => probability)).toEqual(
      scored.map(({ probability }) => probability),
    );
    const spread = scored.map((_, row) => (row * 7_919) % 1_000);
    const mean = (rows: Scored[]) =>
      rows.reduce((sum, { probability }) => sum + probability, 0) / rows.length;
    const high = mean(scored.filter((_, row) => (spread[row] ?? 0) > 850));
    const low = mean(scored.filter((_, row) => (spread[row] ?? 0) <= 850));
    expect(high).toBeGreaterThan(3 * low);
  }, 60_000);
});
