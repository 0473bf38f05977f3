import { startFactory, type Factory } from '@factory/testing';
import { messagesBySubject } from './broker-view';

const DAY_MS = 86_400_000;

interface ShownRun {
  readonly outcome: string;
  readonly reason: string;
  readonly findings: readonly { code: string; severity: string; overruled?: object }[];
  readonly units: readonly { stage: string }[];
  readonly audit: readonly { who: string; action: string; reason: string }[];
}

/** A week of new days in which half of the visits have not arrived. */
describe('data that does not look like the data of before', () => {
  let factory: Factory;
  /** Last day before the new ones. */
  const known = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - 8 * DAY_MS).toISOString().slice(0, 10);

  beforeAll(async () => {
    factory = await startFactory({
      shops: [{ source: 'main', products: ['1:6000:0.1'] }],
      policy: { grid: 'quick', search: 'random', searchTrials: 2, epochs: 15, minSales: 50 },
    });
    expect((await retrain('--end', known)).outcome).toBe('published');
  }, 240_000);
  afterAll(() => factory?.dispose(), 60_000);

  async function retrain(...options: string[]): Promise<ShownRun> {
    const asked = ['retrain', '--product', '1', '--wait', '--timeout', '200', ...options];
    const { runs } = await factory.json<{ runs: readonly { run: string }[] }>(...asked);
    return factory.json<ShownRun>('runs', 'show', runs[0]!.run);
  }

  const champions = () => factory.rows('SELECT version, champion_epoch FROM attrib_propensity_model');

  it('is not trained on: the run is rejected with the code, and the champion stays', async () => {
    await factory.changeShop(
      'main',
      `DELETE FROM visit WHERE visit_time >= '${known}' + INTERVAL 1 DAY AND MD5(CONCAT(visit_id)) < '8'`,
    );
    const before = await champions();
    const run = await retrain();
    expect(run).toMatchObject({ outcome: 'rejected', reason: 'rows-low' });
    expect(run.findings).toMatchObject([{ code: 'rows-low', severity: 'stop' }]);
    expect(run.units.map(({ stage }) => stage)).toEqual(['data-prep']);
    expect(await champions()).toEqual(before);
    expect((await messagesBySubject(factory))['factory.data.prepared.main.1']).toBe(1);
  }, 240_000);

  it('is trained on if a person says so, by name and with the reason', async () => {
    const why = ['--reason', 'the shop was closed', '--who', 'ann'];
    const run = await retrain('--overrule', 'rows-low', ...why);
    expect(run.units.map(({ stage }) => stage)).toContain('evaluator');
    expect(run.findings).toContainEqual(
      expect.objectContaining({
        code: 'rows-low',
        severity: 'stop',
        overruled: { reason: 'the shop was closed', by: 'ann' },
      }),
    );
    expect(run.audit).toMatchObject([{ who: 'ann', action: 'overrule', reason: 'the shop was closed' }]);
  }, 240_000);
});
