import { startFactory, type Factory } from '@factory/testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messagesBySubject } from './broker-view';
import { allRuns, whenEnded } from './outcomes';

const DAY_MS = 86_400_000;

/** Whatever is newer than the champion is promoted, unless a person says no; and small networks are good enough. */
const RULES = `
verdict:
  logisticTolerance: 1
  calibrationRatio: { from: 0.5, to: 2 }
  nonInferiority: 1
  freshAfterDays: 1
  creepMargins: 100
checks: { score-mean: { limit: 2 } }
`;

interface ShownRun {
  readonly run: string;
  readonly outcome: string;
  readonly reason: string;
  readonly audit: readonly { who: string; action: string; reason: string }[];
}

/** A champion that a person holds against a newer candidate, gives way to it by hand, and retires. */
describe('people who overrule the factory', () => {
  let factory: Factory;
  let folder: string;
  /** Of the run whose candidate is held back, then promoted. */
  let kept: string;
  /** The version before that. */
  let first: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'people-'));
    const rules = join(folder, 'rules.yaml');
    await writeFile(rules, RULES);
    await writeFile(join(folder, 'visits.csv'), 'id,nothing\n1,2\n');
    factory = await startFactory({
      shops: [{ source: 'main', products: ['1:6000:0.1'] }],
      policy: { grid: 'quick', search: 'random', searchTrials: 2, epochs: 15, minSales: 50 },
      env: { RULES_FILE: rules },
    });
    const known = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - 8 * DAY_MS).toISOString().slice(0, 10);
    expect(await retrain('--end', known)).toMatchObject({ outcome: 'published' });
    first = (await pointer()).version ?? '';
  }, 240_000);
  afterAll(async () => {
    await factory?.dispose();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  async function retrain(...options: string[]): Promise<ShownRun> {
    const asked = ['retrain', '--product', '1', '--wait', '--timeout', '200', ...options];
    const { runs } = await factory.json<{ runs: readonly { run: string }[] }>(...asked);
    return show(runs[0]!.run);
  }

  const show = (run: string) => factory.json<ShownRun>('runs', 'show', run);
  const act = (action: string, reason: string, ...args: string[]) =>
    factory.json<Record<string, unknown>>(action, ...args, '--reason', reason, '--who', 'ann');
  const onProduct = (action: string, reason: string) => act(action, reason, '--product', '1');
  const pointer = async () =>
    JSON.parse((await factory.object('models/main/sale/1/champion.json')).toString('utf8')) as {
      version?: string;
      epoch: number;
      retired?: boolean;
      reason?: string;
    };
  const score = () => factory.cli('score', '--product', '1', join(folder, 'visits.csv'), '--json');

  it('hold: what would be promoted is kept, and nobody else puts it in force', async () => {
    expect(await onProduct('hold', 'the fair')).toMatchObject({ result: 'held' });
    const run = await retrain();
    expect(run).toMatchObject({ outcome: 'kept', reason: 'held' });
    kept = run.run;
    expect(await factory.cli('promote', '--run', kept, '--reason', 'now')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(model-held)') as string,
    });
    expect(await pointer()).toMatchObject({ version: first, epoch: 1 });
  }, 240_000);

  it('promote: the candidate that was kept is tested and released like any other, in the name of a person', async () => {
    expect(await onProduct('release', 'the fair is over')).toMatchObject({ result: 'no-hold-now' });
    expect(await act('promote', 'it is newer', '--run', kept)).toMatchObject({ result: 'asked', epoch: 1 });
    await whenEnded(factory, 2);
    const run = await show(kept);
    expect(run).toMatchObject({ outcome: 'published' });
    expect(run.audit).toContainEqual(
      expect.objectContaining({ who: 'ann', action: 'promote', reason: 'it is newer' }),
    );
    const { version, epoch } = await pointer();
    expect(epoch).toBe(2);
    expect(version).toMatch(new RegExp(`${kept.slice(0, 8)}-person-1$`));
    const report = JSON.parse(
      (await factory.object(`models/main/sale/1/${version}/report.json`)).toString('utf8'),
    ) as object;
    expect(report).toMatchObject({
      verdict: { promotedBy: { who: 'ann', reason: 'it is newer', verdict: 'keep', decisive: 'held' } },
    });
    expect(await act('promote', 'again', '--run', kept)).toMatchObject({ result: 'in-force', epoch: 2 });
  }, 120_000);

  it('retire: a tombstone instead of the pointer, scorers are told, and nothing is trained', async () => {
    const { version } = await pointer();
    expect(await onProduct('retire', 'sold no more')).toMatchObject({ result: 'retired', version, epoch: 3 });
    expect(await pointer()).toEqual({
      schemaVersion: 2,
      retired: true,
      epoch: 3,
      since: expect.any(String) as string,
      reason: 'sold no more',
    });
    expect(await score()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(model-retired)') as string,
    });
    expect(await factory.cli('retrain', '--product', '1', '--wait', '--timeout', '60')).toMatchObject({
      code: 6,
    });
    expect((await allRuns(factory)).at(-1)).toMatchObject({ outcome: 'skipped', reason: 'retired' });
    const messages = await messagesBySubject(factory);
    expect(messages).toMatchObject({
      'factory.model.retired.main.1': 1,
      'factory.model.published.main.1': 2,
      'factory.run.queued.main.1': 2,
    });
  }, 120_000);

  it('release: the version that was in force is in force again', async () => {
    const [row] = await factory.rows<{ version: string }>('SELECT version FROM attrib_propensity_model');
    expect(await onProduct('release', 'sold again')).toMatchObject({
      result: 'in-force-again',
      version: row!.version,
      epoch: 4,
      broken: null,
    });
    expect(await pointer()).toMatchObject({ version: row!.version, epoch: 4 });
    // Rows that do not fit: the file has none of the model's columns, which only a loaded model can tell.
    expect(await score()).toMatchObject({ code: 7 });
  }, 60_000);
});
