import { runIdOf } from '@factory/domain';
import { startFactory, until, type Factory, type RunningApp } from '@factory/testing';
import { messagesBySubject } from './broker-view';
import { removeHoldPoints, setHoldPoints, whenHeld, type HoldPoint } from './hold-points';
import { whenEnded } from './outcomes';

/** Each product's run is caught at another point. */
const POINTS: readonly (HoldPoint & { readonly product: number })[] = [
  { product: 1, at: 'announced', name: 'run.queued' },
  { product: 2, at: 'done', name: 'data-prep' },
  { product: 3, at: 'announced', name: 'data.prepared' },
  { product: 4, at: 'done', name: 'sampling' },
  { product: 5, at: 'announced', name: 'sample.drawn' },
  { product: 6, at: 'done', name: 'trainer-plan' },
  { product: 7, at: 'announced', name: 'trials.queued' },
  { product: 8, at: 'done', name: 'trials' },
  { product: 9, at: 'announced', name: 'model.trained' },
  { product: 10, at: 'done', name: 'evaluator' },
  { product: 11, at: 'announced', name: 'model.evaluated' },
  { product: 12, at: 'done', name: 'publisher' },
  { product: 13, at: 'announced', name: 'model.published' },
  { product: 14, at: 'announced', name: 'run.finished' },
];
const DONE = POINTS.filter(({ at }) => at === 'done');

interface Unit {
  readonly product: number;
  readonly stage: string;
  readonly shard: string;
  readonly token: number;
  readonly attempt: number;
  readonly status: string;
  readonly output: string;
}

/** What each process has in progress when it dies is another product at another point. */
describe('every service killed at every step', () => {
  let factory: Factory;
  let cutOff: RunningApp;

  beforeAll(async () => {
    factory = await startFactory({
      shops: [{ source: 'main', products: POINTS.map(({ product }) => `${product}:4000:0.12`) }],
      policy: { grid: 'quick', epochs: 12, minSales: 50 },
      // What is held is no server that is gone.
      env: { CONCURRENCY: '16', WORKERS: '2', SWEEP_SECONDS: '5', LEDGER_ANSWER_TIMEOUT_SECONDS: '600' },
    });
    // A trainer plans one run at a time: two that are held, and one that goes on.
    await Promise.all([factory.start('trainer'), factory.start('trainer')]);
    await setHoldPoints(
      factory,
      POINTS.map((point) => [
        runIdOf('all', { source: 'main', product: point.product, goal: 'sale' }),
        point,
      ]),
    );
    await factory.json('retrain', '--request-id', 'all');
    await whenHeld(factory, POINTS.length);
    // Runs of which an event is out go on: nothing but what is held shall be in progress.
    await until(async () => (await inHand()).length === DONE.length, {
      what: 'only what is held is in progress',
      timeoutMs: 60_000,
    });
    // One trainer is not killed but cut off: it comes back when others have done its work.
    const { owner } = (await inHand()).find(({ stage }) => stage === 'trials')!;
    cutOff = factory.apps.find(({ logs }) => logs.some(({ instance }) => instance === owner))!;
    cutOff.pause();
    await factory.killServices(cutOff);
    await removeHoldPoints(factory);
    await factory.startServices();
    await whenEnded(factory, POINTS.length, 150_000);
  }, 300_000);
  afterAll(() => factory?.dispose(), 60_000);

  const units = (): Promise<Unit[]> =>
    factory.rows<Unit>(
      `SELECT CAST(r.product AS UNSIGNED) AS product, s.stage, s.shard, s.token, s.attempt, s.status, s.output
         FROM factory_stage s JOIN factory_run r ON r.run_id = s.run_id
        ORDER BY r.product, s.queued_at, s.stage, s.shard`,
    );

  const inHand = (): Promise<{ stage: string; owner: string }[]> =>
    factory.rows(
      "SELECT stage, lease_owner AS owner FROM factory_stage WHERE status IN ('queued', 'leased')",
    );

  it('ends every run once, as if nothing had happened', async () => {
    const runs = await whenEnded(factory, POINTS.length, 1_000);
    expect(runs.map(({ product, outcome }) => [product, outcome])).toEqual(
      POINTS.map(({ product }) => [product, 'published']),
    );
    const messages = await messagesBySubject(factory);
    for (const { product } of POINTS)
      expect(messages).toMatchObject({
        [`factory.model.published.main.${product}`]: 1,
        [`factory.run.finished.main.${product}`]: 1,
      });
  });

  it('counts one attempt where work was in progress, and none where it was committed', async () => {
    const again = (await units()).filter(({ attempt, token }) => attempt > 0 || token > 1);
    expect(again.map(({ product, stage, token, attempt }) => ({ product, stage, token, attempt }))).toEqual(
      DONE.map(({ product, name }) => ({ product, stage: name, token: 2, attempt: 1 })),
    );
  });

  it('has every stage output once, and never the one of the process that died', async () => {
    const all = await units();
    expect(all.filter(({ status }) => status !== 'done')).toEqual([]);
    const stale = all.flatMap(({ product, stage, shard, token, output }) => {
      const tokens = [...(output ?? '').matchAll(new RegExp(`/${stage}/${shard}/(\\d+)/`, 'g'))];
      return tokens.filter(([, of]) => Number(of) !== token).map(([file]) => `${product} ${file}`);
    });
    expect(stale).toEqual([]);
    const [{ run }] = (await factory.rows<{ run: string }>(
      'SELECT run_id AS run FROM factory_run WHERE product = 4',
    )) as [{ run: string }];
    // Both drew the sample and wrote it; the ledger names the second.
    expect(await factory.keys(`runs/${run}/sampling/`)).toEqual(
      [1, 2].flatMap((token) =>
        ['data-checks.json', 'dataset.arrow', 'dataset.json', 'profile.json'].map(
          (file) => `runs/${run}/sampling/0/${token}/${file}`,
        ),
      ),
    );
    const trials = await factory.rows<{ trials: number }>(
      'SELECT COUNT(*) AS trials FROM agg_propensity_model_train_hyperparameter GROUP BY run_id',
    );
    expect(trials.map(({ trials: count }) => Number(count))).toEqual(POINTS.map(() => 4));
  });

  it('leaves one version and one champion for each product, in force once', async () => {
    const manifests = (await factory.keys('models/')).filter((key) => key.endsWith('/manifest.json'));
    expect(manifests.map((key) => Number(key.split('/')[3])).sort((a, b) => a - b)).toEqual(
      POINTS.map(({ product }) => product),
    );
    for (const { product, version, epoch } of await factory.rows<{
      product: number;
      version: string;
      epoch: number;
    }>(
      `SELECT CAST(product AS UNSIGNED) AS product, version, champion_epoch AS epoch FROM attrib_propensity_model`,
    )) {
      expect(epoch).toBe(1);
      expect(manifests).toContain(`models/main/sale/${product}/${version}/manifest.json`);
      const pointer = await factory.object(`models/main/sale/${product}/champion.json`);
      expect(JSON.parse(pointer.toString('utf8'))).toMatchObject({ version, epoch });
    }
  });

  it('refuses the result of a process whose work was given up in the meantime', async () => {
    const [before, messages] = [await units(), await messagesBySubject(factory)];
    cutOff.resume();
    const isTold = (): boolean => {
      const said = cutOff.logs.filter(({ stage }) => stage === 'trials').map(({ msg }) => msg);
      if (said.includes('claim-lost')) return true;
      throw new RangeError(`it said ${said.join(', ')}`);
    };
    await until(isTold, {
      what: 'the trainer that was cut off has been told that its claim is lost',
      timeoutMs: 45_000,
    });
    await cutOff.stop();
    expect(await units()).toEqual(before);
    expect(await messagesBySubject(factory)).toEqual(messages);
  }, 60_000);
});
