import { startFactory, type Factory } from '@factory/testing';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DAY_MS = 86_400_000;
const OUT_OF_TIME_DAYS = 14;
/** Of the training range. */
const DAYS_AFTER_BREAK = 28;

interface Windows {
  readonly reason: string;
  readonly compared: readonly { days: number; start: string; chosen: boolean; logLoss?: object }[];
}
interface ShownRun {
  readonly outcome: string;
  readonly winner: number;
  readonly trials: readonly { trial: number; trainFrom: string | null }[];
  readonly evaluation: { readonly windows: Windows; readonly judging: { half?: string; part: string } };
}

/** Product 1 stays as it is; visits of product 2 bought for other reasons until four weeks before the end. */
describe('training windows by evidence', () => {
  let factory: Factory;
  const shown: ShownRun[] = [];

  beforeAll(async () => {
    factory = await startFactory({
      shops: [{ source: 'main', products: ['1:20000:0.1', '2:20000:0.1'], days: 91 }],
      policy: {
        ...{
          grid: 'quick',
          search: 'random',
          searchTrials: 1,
          epochs: 20,
          minSales: 300,
          window: 'evidence',
        },
        ...{ outOfTimeDays: OUT_OF_TIME_DAYS, minOutOfTimeGoals: 40, rangeDays: 90 },
      },
    });
    await plantBreak();
    const { runs } = await factory.json<{ runs: readonly { run: string; product: number }[] }>(
      ...'retrain --wait --timeout 400'.split(' '),
    );
    for (const { run } of [...runs].sort((a, b) => a.product - b.product))
      shown.push(await factory.json<ShownRun>('runs', 'show', run));
  }, 480_000);
  afterAll(() => factory?.dispose(), 60_000);

  /** Before the break a visit bought the more likely, the less likely its features make it now. */
  async function plantBreak(): Promise<void> {
    const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const at = new Date(midnight - (OUT_OF_TIME_DAYS + DAYS_AFTER_BREAK) * DAY_MS);
    const before = `v.product_id = 2 AND v.visit_time < '${at.toISOString().slice(0, 10)}'`;
    await factory.changeShop(
      'main',
      `DELETE s FROM sale s JOIN visit v ON v.visit_id = s.visit_id WHERE ${before}`,
    );
    await factory.changeShop(
      'main',
      `INSERT INTO sale (sale_id, visit_id, sale_time, amount, state)
       SELECT 1000000000 + v.visit_id, v.visit_id, v.visit_time + INTERVAL 60 SECOND, 10, 'paid'
         FROM visit v JOIN sim_true_propensity p ON p.visit_id = v.visit_id
        WHERE ${before}
          AND CONV(SUBSTRING(MD5(CONCAT(v.visit_id)), 1, 8), 16, 10) / 4294967296 < 0.25 * EXP(-8 * p.propensity)`,
    );
  }

  const chosenDays = ({ evaluation: { windows } }: ShownRun) =>
    windows.compared.find(({ chosen }) => chosen)?.days ?? 0;

  it('take the longest for a stable product, and a shorter one after a break', () => {
    const [stable, broken] = shown;
    const { windows } = stable!.evaluation;
    expect([windows.reason, windows.compared.length]).toEqual(['longest', 4]);
    expect(chosenDays(stable!)).toBe(90 - OUT_OF_TIME_DAYS);
    expect(broken?.evaluation.windows.reason).toBe('fresher');
    expect(chosenDays(broken!)).toBeLessThanOrEqual(DAYS_AFTER_BREAK + 14);
    for (const { evaluation } of shown) expect(evaluation.judging).toMatchObject({ half: 'b' });
  });

  it('are trained by trials of their own, of which the chosen one is published with its window', async () => {
    const [stable, broken] = shown;
    for (const run of shown) {
      expect(run.outcome).toBe('published');
      expect(run.trials.map(({ trainFrom }) => trainFrom === null)).toEqual([true, false, false, false]);
    }
    expect(stable?.trials.find(({ trial }) => trial === stable.winner)?.trainFrom).toBeNull();
    const winner = broken?.trials.find(({ trial }) => trial === broken.winner);
    const models =
      await factory.json<readonly { product: number; window: { start: string; days: number } }[]>('models');
    const window = models.find(({ product }) => product === 2)?.window;
    expect([window?.start, window?.days]).toEqual([winner?.trainFrom, chosenDays(broken!)]);
  });

  it('make a learning curve, which publishes nothing', async () => {
    const champions = () => factory.rows('SELECT version, champion_epoch FROM attrib_propensity_model');
    const before = await champions();
    const picture = join(await mkdtemp(join(tmpdir(), 'curve-')), 'curve.svg');
    const learnt = await factory.json<{ says: string; windows: Windows }>(
      ...`learn --product 2 --timeout 400 --picture ${picture}`.split(' '),
    );
    expect(learnt.says).toMatch(/^Fresher data is better/);
    expect(learnt.windows.compared.length).toBeGreaterThan(4);
    expect(await readFile(picture, 'utf8')).toMatch(/^<svg [\s\S]*days of the training window/);
    expect(await champions()).toEqual(before);
  }, 480_000);
});
