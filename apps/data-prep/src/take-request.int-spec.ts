import { codeOf, DEFAULT_POLICY, runIdOf, policyOfRun } from '@factory/domain';
import {
  connectLedger,
  EventLog,
  inTransaction,
  lockModelState,
  migrateLedger,
  MAX_ATTEMPTS,
  ModelStates,
  Policies,
  RequestAttempts,
  Requests,
  Runs,
  SourceWaits,
  setModelState,
  sqlOf,
  type StoredEvent,
} from '@factory/ledger';
import { SourceAccess, sourceGrants, SourcesFile } from '@factory/source';
import { SourcePatience } from '@factory/stage';
import {
  createTestShop,
  freshDatabase,
  testServers,
  type FreshDatabase,
  type TestShop,
} from '@factory/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { HandleRequest } from './handle-request';
import { TakeRequest, type IncomingRequest } from './take-request';

/** Nothing listens there. */
const GONE = 'mysql://a:b@127.0.0.1:1/c';
const NOW = new Date('2023-04-10T12:34:56Z');
const source = (name: string, more = ''): string => `
  ${name}:
    connectionEnv: SHOP_URL
    ${more}
    products: { table: product, id: product_id, active: is_active }
    visits: { table: visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals:
      sale: { table: sale, visit: visit_id, time: sale_time }
      signup: { table: signup, visit: visit_id, time: signup_time, horizonDays: 3 }
    features: [{ table: agg, key: visit_id, missing: zero }]`;
const ONE = `sources:${source('shop')}`;
const TWO = `sources:${source('main')}${source('berlin', 'timeZone: Europe/Berlin')}`;

let folder: string;
let shop: TestShop;
let database: FreshDatabase;
let dataSource: DataSource;
let requests: Requests;
let runs: Runs;
let log: EventLog;
let announced: StoredEvent[] = [];
let place = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'take-request-'));
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  await shop.run(`
    CREATE TABLE product (product_id INT, is_active TINYINT(1) NOT NULL);
    CREATE TABLE visit (visit_id INT PRIMARY KEY, product_id INT NOT NULL, visit_time DATETIME NOT NULL,
      read_at DATETIME NULL);
    CREATE TABLE sale (visit_id INT PRIMARY KEY, sale_time DATETIME NOT NULL);
    CREATE TABLE signup (visit_id INT PRIMARY KEY, signup_time DATETIME NOT NULL)`);
  database = await freshDatabase();
  dataSource = await connectLedger(database.url);
  await migrateLedger(dataSource);
  requests = new Requests(dataSource, 'spec');
  runs = new Runs(dataSource, 'spec');
  log = new EventLog(dataSource);
});
beforeEach(async () => {
  announced = [];
  await activate(1, 2, 3);
  for (const table of ['request', 'request_run', 'run', 'stage', 'event', 'policy', 'model_state'])
    await dataSource.query(`DELETE FROM factory_${table}`);
});
afterAll(async () => {
  await dataSource?.destroy();
  await Promise.all([database?.dispose(), shop?.close()]);
  rmSync(folder, { recursive: true });
});

/** Stores an invalid policy, as edited by hand or set by an earlier version. */
async function storePolicy(product: number, text: string): Promise<void> {
  await dataSource.query(
    `REPLACE INTO factory_policy (source, product, goal, policy, updated_at)
     VALUES ('shop', ?, 'sale', ?, UTC_TIMESTAMP(6))`,
    [product, text],
  );
}

/** Product 4 exists, but is not active. */
async function activate(...products: readonly number[]): Promise<void> {
  await shop.run('DELETE FROM product');
  await shop.insert('product', [
    ...products.map((product_id) => ({ product_id, is_active: 1 })),
    { product_id: 4, is_active: 0 },
  ]);
}

interface Delivery {
  readonly sources?: string;
  readonly place?: string;
  /** False: the broker is unavailable, so nothing that was committed is published. */
  readonly published?: boolean;
}

/** Delivers a request at a separate stream sequence. */
function take(request: object, delivery: Delivery = {}): Promise<'taken' | 'repeated'> {
  return takerOf(delivery).execute(incomingOf(request, delivery));
}

function incomingOf(request: object, delivery: Delivery): IncomingRequest {
  const data = new TextEncoder().encode(JSON.stringify(request));
  return { data, place: delivery.place ?? `2023-04-01:${++place}` };
}

function takerOf(delivery: Delivery): TakeRequest {
  const { sources = ONE, published = true } = delivery;
  const path = join(folder, 'sources.yaml');
  writeFileSync(path, sources);
  return new TakeRequest({
    requests,
    policies: new Policies(dataSource),
    states: new ModelStates(dataSource),
    sources: new SourceAccess(SourcesFile.load(path), {
      variable: (name) => (name === 'GONE_URL' ? GONE : shop.url),
      sourceConcurrency: 99,
    }),
    announcer: {
      announce: async (events) => {
        announced.push(...events);
        for (const [sequence, event] of published ? events.entries() : [])
          await log.markPublished(event, { sequence, streamCreated: 'spec' });
      },
    },
    patience: new SourcePatience(undefined, new SourceWaits(dataSource), 600),
    now: () => NOW,
  });
}

const refusal = (request: object, delivery?: Delivery): Promise<unknown> =>
  take(request, delivery).then(
    () => 'nothing was refused',
    (thrown: unknown) => thrown,
  );
const runsThere = async () => (await runs.list()).sort((a, b) => a.product - b.product);
const bodies = () => announced.map(({ body }) => body as Record<string, unknown>);
const messageIds = () => announced.map(({ messageId }) => messageId).sort();

describe('a retrain request', () => {
  it('starts one run of one product, with everything resolved', async () => {
    expect(await take({ productId: 2, requestId: 'r' })).toBe('taken');
    expect(bodies()).toEqual([
      {
        v: 1,
        run: runIdOf('r', { source: 'shop', product: 2, goal: 'sale' }),
        source: 'shop',
        product: 2,
        goal: 'sale',
        shard: '0',
        end: '2023-04-10T00:00:00.000Z',
        grid: 'standard',
      },
    ]);
    expect(await runsThere()).toMatchObject([
      { requestKey: 'r', policy: policyOfRun(DEFAULT_POLICY), outcome: null },
    ]);
  });

  it('overrides the product’s policy with its fields, and the defaults with the policy', async () => {
    const key = { source: 'shop', product: 1, goal: 'signup' };
    await new Policies(dataSource).set(key, { grid: 'full', minSales: 7 }, { who: 'spec', reason: 'spec' });
    const asked = { goal: 'signup', startDate: '2023-01-01', endDate: '2023-03-31 23:59:59' };
    await take({ productId: 1, ...asked });
    expect(bodies()).toMatchObject([
      { grid: 'full', goal: 'signup', start: '2023-01-01T00:00:00.000Z', end: '2023-04-01T00:00:00.000Z' },
    ]);
    expect(await runsThere()).toMatchObject([{ policy: { grid: 'full', minSales: 7 } }]);
    await take({ productId: 1, ...asked, grid: 'quick', seed: 'other', until: 'training', force: true });
    expect(bodies().at(-1)).toMatchObject({ grid: 'quick', seed: 'other', until: 'training' });
  });

  it('asks data-prep to compare windows if request or policy wants evidence, or a curve', async () => {
    await take({ v: 3, productId: 2, window: 'evidence', requestId: 'evidence' });
    await take({ productId: 2, window: 'curve', until: 'evaluation', requestId: 'curve', force: true });
    const set = { window: 'evidence' };
    await new Policies(dataSource).set({ source: 'shop', product: 2, goal: 'sale' }, set, {
      ...{ who: 'spec', reason: 'spec' },
    });
    await take({ productId: 2, requestId: 'policy', force: true });
    await take({ productId: 2, window: 'all', requestId: 'all', force: true });
    const asked = bodies().filter((body) => 'grid' in body);
    expect(asked.map(({ compare }) => compare)).toEqual([4, 12, 4, undefined]);
    const found = await runsThere();
    for (const { policy, requestKey } of found) {
      expect(policy).not.toHaveProperty('window');
      const thresholds = requestKey === 'all' ? [] : DEFAULT_POLICY.windowThresholds;
      expect(policy['windowThresholds']).toEqual(thresholds);
    }
    expect(await refusal({ productId: 2, window: 'curve' })).toMatchObject({
      message: expect.stringContaining('add "until": "evaluation"') as string,
    });
  });

  it('gives the checks that it overrules to its run, in the name of who asks', async () => {
    const overrule = [{ check: 'shift', column: 'age', reason: 'a new form' }];
    await take({ v: 2, productId: 2, overrule, requestedBy: 'ann' });
    expect(await runsThere()).toMatchObject([{ overrules: [{ ...overrule[0], by: 'ann' }] }]);
    const unknown = await refusal({ productId: 2, overrule: [{ check: 'shifts', reason: 'r' }] });
    expect(unknown).toMatchObject({
      code: 'unknown-check',
      message: expect.stringContaining('overrule.0.check = "shifts": use one of rows-low, ') as string,
    });
  });

  it('skips a product that is retired, and starts the others', async () => {
    const key = { source: 'shop', product: 2, goal: 'sale' };
    await inTransaction(dataSource, async (sql) => {
      await lockModelState(sql, key);
      await setModelState(
        sql,
        key,
        { state: 'retired', until: null },
        { who: 'ann', reason: 'sold no more' },
      );
    });
    await take({ productId: 0 });
    expect((await runsThere()).map(({ product, outcome, reason }) => [product, outcome, reason])).toEqual([
      [1, null, null],
      [2, 'skipped', 'retired'],
      [3, null, null],
    ]);
    expect((await runsThere())[1]?.details).toMatchObject({
      message: expect.stringMatching(/retired by ann .*sold no more.*factory release --product 2/) as string,
    });
    await take({ productId: 2, goal: 'signup' });
    expect((await runsThere()).filter(({ goal }) => goal === 'signup')).toMatchObject([{ outcome: null }]);
  });

  it('takes its window over the policy, in fields that an older service reads as well', async () => {
    await take({ productId: 2, window: 'all', requestId: 'all-of-it' });
    const policy = (await runsThere())[0]?.policy;
    expect(policy).toMatchObject({ windowThresholds: [], minSales: 500 });
    expect(policy).not.toHaveProperty('window');
    await new Policies(dataSource).set(
      { source: 'shop', product: 2, goal: 'sale' },
      { window: 'all' },
      { who: 'spec', reason: 'spec' },
    );
    await take({ productId: 2, window: 'volume', requestId: 'by-volume', force: true });
    const runs = await runsThere();
    expect(runs.find(({ requestKey }) => requestKey === 'by-volume')?.policy['windowThresholds']).toEqual(
      DEFAULT_POLICY.windowThresholds,
    );
  });

  it('ends where late goals have arrived, in the zone of its source', async () => {
    await take({ productId: 1, goal: 'signup' });
    await take({ productId: 1, source: 'berlin' }, { sources: TWO });
    // Three days for sign-ups: now - 3 days. Berlin's midnight of the tenth is two hours before UTC's.
    expect(bodies().map(({ end }) => end)).toEqual(['2023-04-07T12:34:56.000Z', '2023-04-09T22:00:00.000Z']);
  });

  it('ends where visits can be labelled: read 300 s after their start, or at a cut that goals came after', async () => {
    const events = ', { table: click, key: visit_id, time: at, missing: zero }]';
    const timed = (cut: string) => `${ONE.slice(0, -1)}${events}\n    ${cut}`;
    const asked = { productId: 1, goal: 'signup', endDate: '2023-04-10' };
    await take(asked, { sources: timed('observe: 300') });
    await take({ ...asked, productId: 2 }, { sources: timed('cut: read_at') });
    const now = { end: '2023-04-07T12:34:56.000Z', latestCut: '2023-04-07T12:34:56.000Z' };
    expect(bodies().map(({ end, latestCut }) => ({ end, latestCut }))).toEqual([
      { end: '2023-04-07T12:29:56.000Z', latestCut: undefined },
      now,
    ]);
  });

  it('without an id is identified by its stream sequence', async () => {
    await take({ productId: 1 }, { place: '2023-04-01:77' });
    expect(await runsThere()).toMatchObject([
      {
        requestKey: '2023-04-01:77',
        run: runIdOf('2023-04-01:77', { source: 'shop', product: 1, goal: 'sale' }),
      },
    ]);
  });

  test.each([
    ['the only source', ONE, 'shop'],
    ['source main where there are several', TWO, 'main'],
  ])('without a source means %s', async (_case, sources, name) => {
    await take({ productId: 1 }, { sources });
    expect(await runsThere()).toMatchObject([{ source: name }]);
  });
});

describe('a request for product 0', () => {
  it('starts a run of every active product, each with its own policy', async () => {
    const key = { source: 'shop', product: 2, goal: 'sale' };
    await new Policies(dataSource).set(key, { grid: 'quick' }, { who: 'spec', reason: 'spec' });
    await take({ productId: 0, requestId: 'all' });
    expect((await runsThere()).map(({ product, grid }) => [product, grid])).toEqual([
      [1, 'standard'],
      [2, 'quick'],
      [3, 'standard'],
    ]);
    expect(announced).toHaveLength(3);
  });

  it('means the products that were active when it was taken, however late it comes again', async () => {
    await take({ productId: 0, requestId: 'all' }, { published: false });
    await activate(2, 5, 6);
    const first = messageIds();
    announced = [];
    expect(await take({ productId: 0, requestId: 'all' })).toBe('repeated');
    expect(messageIds()).toEqual(first);
    expect((await runsThere()).map(({ product }) => product)).toEqual([1, 2, 3]);
  });

  it('starts one run of a product that the source lists twice, and none of ids that are no products', async () => {
    await activate(-1, 0, 2, 2);
    await take({ productId: 0 });
    expect((await runsThere()).map(({ product }) => product)).toEqual([2]);
    expect(announced).toHaveLength(1);
  });

  test.each([
    ['no product is active', []],
    ['no active id is a product’s', [0, -3]],
  ])('is refused when %s', async (_case, products) => {
    await activate(...products);
    expect(await refusal({ productId: 0 })).toMatchObject({
      code: 'no-active-product',
      refusal: { field: 'productId', value: 0 },
    });
    expect(await runsThere()).toEqual([]);
  });

  it('is answered by runs in flight for their products, unless forced', async () => {
    await take({ productId: 2, requestId: 'first' });
    await take({ productId: 0, requestId: 'second' });
    expect(await requests.answers('second')).toMatchObject([
      { product: 1, answer: 'started' },
      { product: 2, answer: 'already-running' },
      { product: 3, answer: 'started' },
    ]);
    announced = [];
    await take({ productId: 0, requestId: 'third', force: true });
    const cancelled = (await runsThere()).filter(({ outcome }) => outcome === 'cancelled');
    expect(cancelled.map(({ requestKey, product }) => [requestKey, product])).toEqual([
      ['second', 1],
      ['first', 2],
      ['second', 3],
    ]);
    expect(cancelled.map(({ reason }) => reason)).toEqual(new Array(3).fill('superseded by third'));
    expect(announced.map(({ event }) => event).sort()).toEqual([
      ...new Array<string>(3).fill('run.finished'),
      ...new Array<string>(3).fill('run.queued'),
    ]);
  });
});

describe('a product whose stored policy has a field of a later release', () => {
  it('is trained, and its run keeps the field for the services that know it', async () => {
    await storePolicy(2, '{"epochs": 9, "calibration": "isotonic"}');
    await take({ productId: 2, requestId: 'later' });
    const [run] = await runsThere();
    expect(run).toMatchObject({ outcome: null, policy: { epochs: 9, calibration: 'isotonic' } });
  });
});

describe('a product whose stored policy is invalid', () => {
  const stored: readonly [text: string, says: string][] = [
    ['{"epochs": 0}', 'policy.epochs = 0: give a whole number from 1 to 10000'],
    ['{"grid": "huge"}', 'policy.grid = "huge": use one of quick, standard, full'],
    ['{"colour": "red", "minSales": "many"}', 'policy.minSales = "many": give a whole number'],
    ['{"epochs": ', 'policy = "{\\"epochs\\": "'],
    ['[1]', 'policy = "[1]"'],
  ];

  it.each(stored)('%s ends its run as failed, and every other product starts', async (text, says) => {
    await storePolicy(2, text);
    expect(await take({ productId: 0, requestId: 'all' })).toBe('taken');
    expect(await runsThere()).toMatchObject([
      { product: 1, outcome: null },
      {
        run: runIdOf('all', { source: 'shop', product: 2, goal: 'sale' }),
        outcome: 'failed',
        reason: 'invalid-policy',
        details: { message: expect.stringContaining(says) as string },
      },
      { product: 3, outcome: null },
    ]);
    expect(announced.map(({ event }) => event).sort()).toEqual(['run.finished', 'run.queued', 'run.queued']);
    expect(await requests.answers('all')).toHaveLength(3);
  });

  it('says how to correct it, field by field', async () => {
    await storePolicy(3, '{"colour": "red", "epochs": 0, "minSales": -1}');
    await take({ productId: 0 });
    const message = (await runsThere()).at(-1)?.details?.['message'] as string;
    expect(message).toMatch(/^policy\.epochs = 0: give a whole number.*\npolicy\.minSales = -1: give/);
    expect(message).toContain('`factory policy set 3 --source shop --goal sale');
  });

  it('ends the run of a request for it alone as clearly', async () => {
    await storePolicy(1, '{"epochs": 0}');
    await take({ productId: 1, grid: 'quick', seed: 's', until: 'training' });
    expect(await runsThere()).toMatchObject([
      { product: 1, grid: 'quick', outcome: 'failed', reason: 'invalid-policy' },
    ]);
    expect(announced.map(({ event }) => event)).toEqual(['run.finished']);
  });

  it('ends all runs if every product has one', async () => {
    for (const product of [1, 2, 3]) await storePolicy(product, '{"epochs": 0}');
    await take({ productId: 0 });
    expect((await runsThere()).map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed']);
  });

  it('has one run per request, however often it is delivered and whatever is corrected in the meantime', async () => {
    await storePolicy(2, '{"epochs": 0}');
    await take({ productId: 0, requestId: 'again' }, { published: false });
    const first = messageIds();
    const before = await runsThere();
    await storePolicy(2, '{}');
    await storePolicy(1, '{"epochs": 0}');
    announced = [];
    expect(await take({ productId: 0, requestId: 'again' })).toBe('repeated');
    expect(messageIds()).toEqual(first);
    expect(await runsThere()).toEqual(before);
  });

  it('starts with the next request after it is corrected', async () => {
    await storePolicy(2, '{"epochs": 0}');
    await take({ productId: 2, requestId: 'unsound' });
    await new Policies(dataSource).set(
      { source: 'shop', product: 2, goal: 'sale' },
      { epochs: null },
      { who: 'spec', reason: 'spec' },
    );
    await take({ productId: 2, requestId: 'sound' });
    expect(bodies().at(-1)).toMatchObject({
      run: runIdOf('sound', { source: 'shop', product: 2, goal: 'sale' }),
    });
  });
});

describe('a request that is delivered again', () => {
  it('starts nothing and announces unpublished events, with two statements for any number of runs', async () => {
    await activate(...Array.from({ length: 50 }, (_, at) => at + 10));
    await take({ productId: 0, requestId: 'many' }, { published: false });
    const [first] = announced;
    await log.markPublished(first!, { sequence: 1, streamCreated: 'spec' });
    announced = [];
    const statements = await statementsOf(() =>
      take({ productId: 0, requestId: 'many' }, { published: false }),
    );
    expect(announced).toHaveLength(49);
    expect(messageIds()).not.toContain(first!.messageId);
    expect(statements).toBe(2);
  });

  it('has nothing more to announce once all was published', async () => {
    await take({ productId: 1, requestId: 'once' });
    announced = [];
    expect(await take({ productId: 1, requestId: 'once' })).toBe('repeated');
    expect(announced).toEqual([]);
  });

  it('with force does not cancel the runs that it started itself', async () => {
    await take({ productId: 1, requestId: 'forced', force: true });
    expect(await take({ productId: 1, requestId: 'forced', force: true })).toBe('repeated');
    expect(await runsThere()).toMatchObject([{ requestKey: 'forced', outcome: null }]);
  });

  it('to two at the same time starts its runs once', async () => {
    const results = await Promise.all([1, 2, 3].map(() => take({ productId: 0, requestId: 'race' })));
    expect(results).toContain('taken');
    expect(await runsThere()).toHaveLength(3);
    expect(new Set(messageIds()).size).toBe(3);
  });

  it('does not need the source any more: its products are frozen', async () => {
    await take({ productId: 0, requestId: 'frozen' });
    const gone = `sources:${source('another')}`;
    expect(await take({ productId: 0, requestId: 'frozen' }, { sources: gone })).toBe('repeated');
  });
});

describe('a request that waited for its source', () => {
  const waiting = async () => (await new SourceWaits(dataSource).bySource()).map(({ source }) => source);
  const deliver = (request: object, delivery: Delivery & { place: string }) => {
    const handler = new HandleRequest(takerOf(delivery), new RequestAttempts(dataSource));
    const [streamCreated = '', sequence] = delivery.place.split(/:(?=\d+$)/);
    const { data } = incomingOf(request, delivery);
    const signal = new AbortController().signal;
    return handler.execute({ data, streamCreated, streamSequence: Number(sequence), signal });
  };

  it.each([
    ['is taken', { productId: 1 }, 'done'],
    ['is refused for its product', { productId: 4 }, 'invalid'],
    ['is refused for its goal', { productId: 1, goal: 'nothing' }, 'invalid'],
    ['is refused for its source', { productId: 1, source: 'gone' }, 'invalid'],
    ['cannot be read', { productId: 1, colour: 'red' }, 'invalid'],
    ['was taken before', { productId: 1, requestId: 'before' }, 'repeated'],
    ['has used its attempts', { productId: 1 }, 'exhausted'],
  ])('stops waiting when it %s', async (what, request, kind) => {
    const at = `2023-04-02T00:00:00Z:${++place}`;
    if (kind === 'repeated') await take(request);
    if (what === 'has used its attempts')
      for (let one = 0; one < MAX_ATTEMPTS; one++) await new RequestAttempts(dataSource).begin(at);
    const key = (request as { requestId?: string }).requestId ?? at;
    await new SourceWaits(dataSource).recordRequest(key, 'shop', 'unreachable');
    expect(await waiting()).toEqual(['shop']);
    expect(await deliver(request, { place: at })).toMatchObject({ kind });
    expect(await waiting()).toEqual([]);
  });

  it('keeps waiting while its source is unavailable', async () => {
    const at = `2023-04-02T00:00:00Z:${++place}`;
    const gone = ONE.replace('SHOP_URL', 'GONE_URL');
    expect(await deliver({ productId: 1 }, { place: at, sources: gone })).toMatchObject({ kind: 'waiting' });
    expect(await waiting()).toEqual(['shop']);
    expect(await deliver({ productId: 1 }, { place: at })).toMatchObject({ kind: 'done' });
    expect(await waiting()).toEqual([]);
  });
});

describe('a request that is refused', () => {
  test.each<[object, string, string | undefined]>([
    [{ productId: 4 }, 'inactive-product', 'productId'],
    [{ productId: 99 }, 'unknown-product', 'productId'],
    [{ productId: 1, source: 'elsewhere' }, 'unknown-source', 'source'],
    [{ productId: 1, goal: 'refund' }, 'unknown-goal', 'goal'],
    [{ productId: 1, startDate: '2023-03-02', endDate: '2023-03-01' }, 'end-before-start', 'endDate'],
    [{ productId: 1, startDate: '2023-05-01' }, 'end-before-start', 'startDate'],
  ])('%j: %s', async (request, code, field) => {
    expect(await refusal(request)).toMatchObject({ code, refusal: { field } });
    expect(await rowsOf('factory_request')).toBe(0);
    expect(announced).toEqual([]);
  });

  test.each([
    [{ productId: 1, grid: 'huge' }],
    [{ productId: 1, endDate: '2023-02-30' }],
    [{ productId: -1 }],
    [{ productId: '1' }],
    [{}],
    [{ productId: 1, unheardOf: true }],
  ])('%j: malformed', async (request) => {
    expect(codeOf(await refusal(request))).toBe('malformed-request');
    expect(await rowsOf('factory_request')).toBe(0);
  });

  it('may be sent again after its fault is corrected', async () => {
    expect(codeOf(await refusal({ productId: 4, requestId: 'mended' }))).toBe('inactive-product');
    await activate(4);
    await shop.run('UPDATE product SET is_active = 1');
    expect(await take({ productId: 4, requestId: 'mended' })).toBe('taken');
  });
});

async function rowsOf(table: string): Promise<number> {
  const [row] = await sqlOf(dataSource).rows(`SELECT COUNT(*) AS found FROM ${table}`);
  return Number(row?.['found']);
}

/** How many statements `work` sends to the ledger. */
async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  // outside a transaction each statement borrows a connection of the pool
  const sent = jest.spyOn(dataSource, 'createQueryRunner');
  try {
    await work();
    return sent.mock.calls.length;
  } finally {
    sent.mockRestore();
  }
}
