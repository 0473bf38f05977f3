import { startFactory, type Factory } from '@factory/testing';
import { messagesBySubject } from './broker-view';
import { publishByPython } from './foreign-client';
import { allRuns, troubledUnits, whenEnded } from './outcomes';

/** Two of each service at once, two sources. */
describe('one NATS message to published models', () => {
  let factory: Factory;

  beforeAll(async () => {
    factory = await startFactory({
      shops: [
        { source: 'main', products: ['1:5000:0.1', '2:4000:0.15', '3:3000:0.1'] },
        { source: 'shop-b', products: ['1:4000:0.12'], seed: 2 },
      ],
      policy: { grid: 'quick', epochs: 12, minSales: 50 },
      services: 2,
    });
    await factory.changeShop('main', 'UPDATE product SET is_active = 0 WHERE product_id = 3');
  }, 120_000);
  afterAll(() => factory?.dispose(), 60_000);

  it('publishes every active product of the default source when a foreign client asks for product 0', async () => {
    await publishByPython(factory, '{"productId": 0}');
    const runs = await whenEnded(factory, 2);
    expect(runs).toMatchObject([
      { source: 'main', product: 1, outcome: 'published' },
      { source: 'main', product: 2, outcome: 'published' },
    ]);
  }, 150_000);

  it('starts the same runs once however often a request is delivered', async () => {
    const before = await allRuns(factory);
    const request = JSON.stringify({ productId: 0, source: 'shop-b', requestId: 'nightly-1' });
    await publishByPython(factory, request, request);
    const runs = await whenEnded(factory, before.length + 1);
    expect(runs.at(-1)).toMatchObject({ source: 'shop-b', outcome: 'published', requestKey: 'nightly-1' });
    // Long after: the broker's own memory of message ids does not matter.
    const again = await factory.json<{ runs: { run: string }[] }>(
      'retrain',
      '--source',
      'shop-b',
      '--request-id',
      'nightly-1',
      '--wait',
      '--timeout',
      '30',
    );
    expect(again.runs.map(({ run }) => run)).toEqual([runs.at(-1)?.run]);
    expect(await allRuns(factory)).toEqual(runs);
  }, 150_000);

  it('claims, does and announces every unit of work once', async () => {
    expect(await troubledUnits(factory)).toEqual([]);
    const runs = await allRuns(factory);
    const messages = await messagesBySubject(factory);
    for (const { source, product } of runs)
      expect(messages).toMatchObject({
        [`factory.run.queued.${source}.${product}`]: 1,
        [`factory.data.prepared.${source}.${product}`]: 1,
        [`factory.sample.drawn.${source}.${product}`]: 1,
        [`factory.model.trained.${source}.${product}`]: 1,
        [`factory.model.evaluated.${source}.${product}`]: 1,
        [`factory.model.published.${source}.${product}`]: 1,
        [`factory.run.finished.${source}.${product}`]: 1,
      });
    expect(Object.keys(messages).filter((subject) => subject.endsWith('.main.3'))).toEqual([]);
  });

  it('carries the source in keys, subjects and S3 prefixes: one version a product, one champion', async () => {
    const models = await factory.keys('models/');
    const manifests = models.filter((key) => key.endsWith('/manifest.json'));
    expect(manifests.map((key) => key.split('/').slice(0, 4).join('/'))).toEqual([
      'models/main/sale/1',
      'models/main/sale/2',
      'models/shop-b/sale/1',
    ]);
    const champions = await factory.rows<{ source: string; product: number; version: string; epoch: number }>(
      `SELECT source, CAST(product AS UNSIGNED) AS product, version, champion_epoch AS epoch
         FROM attrib_propensity_model ORDER BY source, product`,
    );
    expect(champions).toHaveLength(3);
    for (const { source, product, version, epoch } of champions) {
      expect(epoch).toBe(1);
      const pointer = await factory.object(`models/${source}/sale/${product}/champion.json`);
      expect(JSON.parse(pointer.toString('utf8'))).toMatchObject({ version, epoch });
    }
  });
});
