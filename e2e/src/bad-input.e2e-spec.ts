import { SERVICES, freePort, startApp, startFactory, until, type Factory } from '@factory/testing';
import { publishByPython } from './foreign-client';
import { allRuns } from './outcomes';

interface DeadLetter {
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
  readonly message: unknown;
}
interface Retrained {
  readonly runs: readonly {
    readonly run: string;
    readonly outcome: string;
    readonly reason: string;
    readonly details: { readonly message?: string } | null;
  }[];
}

describe('bad input', () => {
  let factory: Factory;

  beforeAll(async () => {
    factory = await startFactory({
      shops: [
        // 2 is inactive, of 3 every visit ends in a sale, of 4 none.
        { source: 'main', products: ['1:4000:0.1', '2:1000:0.1', '3:1500:0.1', '4:1500:0.1'] },
        { source: 'no-key', products: ['1:1500:0.1'] },
      ],
      policy: { grid: 'quick', epochs: 12, minSales: 50 },
      env: { SWEEP_SECONDS: '1' },
    });
    await factory.changeShop('main', 'UPDATE product SET is_active = 0 WHERE product_id = 2');
    await factory.changeShop('main', 'ALTER TABLE agg_pages ADD COLUMN nothing_known DOUBLE NULL');
    await factory.changeShop(
      'main',
      'DELETE s FROM sale s JOIN visit v ON v.visit_id = s.visit_id WHERE v.product_id IN (3, 4)',
    );
    await factory.changeShop(
      'main',
      `INSERT INTO sale (sale_id, visit_id, sale_time, amount, state)
       SELECT 1000000000 + visit_id, visit_id, visit_time, 10, 'paid' FROM visit WHERE product_id = 3`,
    );
    await factory.changeShop('no-key', 'ALTER TABLE agg_origin RENAME COLUMN visit_id TO visit_number');
  }, 120_000);
  afterAll(() => factory?.dispose(), 60_000);

  const refused: readonly [what: string, request: string, code: string, says: RegExp][] = [
    ['not JSON', 'productId: 1', 'not-json', /message = "productId: 1": send a JSON object/],
    ['a negative product', '{"productId": -1}', 'malformed-request', /productId = -1/],
    ['a fractional product', '{"productId": 1.5}', 'malformed-request', /productId = 1\.5/],
    ['an unknown product', '{"productId": 999}', 'unknown-product', /productId = 999/],
    ['an inactive product', '{"productId": 2}', 'inactive-product', /productId = 2/],
    [
      'an end before the start',
      '{"productId": 1, "startDate": "2023-02-01", "endDate": "2023-01-01"}',
      'end-before-start',
      /endDate = "2023-01-01"/,
    ],
    ['an unknown source', '{"productId": 1, "source": "nowhere"}', 'unknown-source', /source = "nowhere"/],
    ['an unknown grid', '{"productId": 1, "grid": "huge"}', 'malformed-request', /grid = "huge"/],
    ['an unknown goal', '{"productId": 1, "goal": "refund"}', 'unknown-goal', /goal = "refund"/],
  ];

  it('becomes one dead letter a request, with field, value and what to do; nothing is started', async () => {
    await publishByPython(factory, ...refused.map(([, request]) => request));
    const list = (): Promise<DeadLetter[]> => factory.json<DeadLetter[]>('dead', 'list');
    await until(async () => (await list()).length >= refused.length, {
      what: 'every refused request is a dead letter',
      timeoutMs: 30_000,
      everyMs: 500,
    });
    const letters = await list();
    expect(letters.map(({ code }) => code).sort()).toEqual(refused.map(([, , code]) => code).sort());
    for (const [what, , code, says] of refused) {
      const letter = letters.find((one) => one.code === code && says.test(one.reason));
      expect({ what, letter }).toMatchObject({ what, letter: { attempts: 0 } });
    }
    expect(await allRuns(factory)).toEqual([]);
  }, 60_000);

  it('is refused before it is sent by the command line, with exit code 2', async () => {
    for (const options of [
      ['--product', '999'],
      ['--product', '2'],
      ['--product', '1', '--source', 'nowhere'],
      ['--product', '1', '--grid', 'huge'],
      ['--product', '1.5'],
    ]) {
      const { code, stdout } = await factory.cli('retrain', ...options, '--wait', '--timeout', '20');
      expect({ options, code, stdout }).toEqual({ options, code: 2, stdout: '' });
    }
  }, 90_000);

  it('trains without a column of nulls, and says so', async () => {
    const { runs } = await factory.json<Retrained>('retrain', '--source', 'main', '--product', '1', '--wait');
    expect(runs).toMatchObject([{ outcome: 'published' }]);
    const [row] = await factory.rows<{ output: string }>(
      "SELECT output FROM factory_stage WHERE run_id = ? AND stage = 'data-prep'",
      [runs[0]!.run],
    );
    const { checks } = JSON.parse(row!.output) as { checks: { key: string } };
    const lines = JSON.parse((await factory.object(checks.key)).toString('utf8')) as object[];
    expect(lines).toContainEqual(
      expect.objectContaining({
        check: 'column-of-nulls',
        column: 'agg_pages.nothing_known',
        result: 'warn',
      }),
    );
    const [manifest] = (await factory.keys('models/main/sale/1/')).filter((key) =>
      key.endsWith('/transform.json'),
    );
    const transform = JSON.parse((await factory.object(manifest!)).toString('utf8')) as {
      features: { column: string }[];
      dropped: { column: string }[];
    };
    expect(transform.features.map(({ column }) => column)).not.toContain('nothing_known');
    expect(transform.dropped.map(({ column }) => column)).toContain('nothing_known');
  }, 60_000);

  it.each([
    ['every visit has the goal', 'main', '3', 'failed', 'constant-label', /every visit has the goal/],
    ['no visit has it', 'main', '4', 'skipped', 'too-few-sales', /"sales":0\b/],
    ['a feature table lacks its key', 'no-key', '1', 'failed', 'missing-key-column', /visit_id/],
  ])('ends the run with its reason where %s', async (_what, source, product, outcome, reason, says) => {
    const waited = await factory.cli('retrain', '--source', source, '--product', product, '--wait', '--json');
    const [run] = (JSON.parse(waited.stdout) as Retrained).runs;
    expect(run).toMatchObject({ outcome, reason });
    expect(JSON.stringify(run!.details)).toMatch(says);
    expect(waited.code).toBe(outcome === 'failed' ? 4 : 6);
    const tries = await factory.rows<{ token: number }>('SELECT token FROM factory_stage WHERE run_id = ?', [
      run!.run,
    ]);
    expect(tries).toEqual([{ token: 1 }]);
  });

  it('in one stored policy ends the run of that product only, and is mended by setting it', async () => {
    await factory.rows(
      `UPDATE factory_policy SET policy = '{"epochs": 0}' WHERE source = 'main' AND product = 4`,
    );
    const waited = await factory.cli(
      ...'retrain --source main --product 0 --grid quick --until sampling --wait --json'.split(' '),
    );
    const { runs } = JSON.parse(waited.stdout) as Retrained;
    expect({ code: waited.code, runs }).toMatchObject({
      code: 4,
      runs: [
        { product: 1, outcome: 'skipped' },
        { product: 3, outcome: 'failed', reason: 'constant-label' },
        { product: 4, outcome: 'failed', reason: 'invalid-policy' },
      ],
    });
    const shown = await factory.cli('runs', 'show', runs[2]!.run);
    expect(shown.stdout).toContain('policy.epochs = 0: give a whole number from 1 to 10000');
    expect(shown.stdout).toContain('`factory policy set 4 --source main --goal sale');
    await factory.json('policy', 'set', '4', '--source', 'main', 'epochs=2', 'minSales=50');
    const mended = await factory.cli('retrain', '--source', 'main', '--product', '4', '--wait', '--json');
    expect((JSON.parse(mended.stdout) as Retrained).runs).toMatchObject([{ reason: 'too-few-sales' }]);
  }, 90_000);

  it('stops every service at start, naming every server that is wrong at once', async () => {
    const absent = new URL(factory.env.FACTORY_DATABASE_URL ?? '');
    absent.pathname = '/factory_absent';
    const env = {
      ...factory.env,
      FACTORY_DATABASE_URL: absent.href,
      NATS_URL: `nats://127.0.0.1:${await freePort()}`,
      S3_BUCKET: 'absent-bucket',
      START_TIMEOUT_SECONDS: '2',
    };
    const ends = SERVICES.map(async (service) => {
      const app = await startApp(service, env, { waitUntilReady: false });
      return { service, end: await app.ended, said: app.output.join('\n') };
    });
    for (const { service, end, said } of await Promise.all(ends)) {
      expect({ service, end }).toEqual({ service, end: 1 });
      for (const variable of ['FACTORY_DATABASE_URL', 'NATS_URL', 'S3_BUCKET'])
        expect({ service, said }).toEqual({ service, said: expect.stringContaining(variable) as string });
    }
  }, 60_000);

  it('stops a service at start, naming every variable that is wrong at once', async () => {
    const env = {
      ...factory.env,
      FACTORY_DATABASE_URL: 'mysql://nobody@/',
      NATS_URL: 'http://127.0.0.1:1',
      S3_ENDPOINT: 'somewhere',
      S3_BUCKET: '',
    };
    const app = await startApp('publisher', env, { waitUntilReady: false });
    expect(await app.ended).toBe(1);
    const said = app.output.join('\n');
    for (const variable of ['FACTORY_DATABASE_URL', 'NATS_URL', 'S3_ENDPOINT', 'S3_BUCKET'])
      expect(said).toContain(variable);
  }, 30_000);
});
