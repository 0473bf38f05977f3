import { startFactory, until, type Factory } from '@factory/testing';
import { publishByPython } from './foreign-client';

interface DeadLetter {
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
}

describe('requests with permanent errors', () => {
  let factory: Factory;

  beforeAll(async () => {
    factory = await startFactory({
      shops: [{ source: 'main', products: ['1:1500:0.1', '2:1500:0.1'] }],
      policy: { grid: 'quick', minSales: 50 },
      services: 0,
    });
    await Promise.all([factory.start('data-prep'), factory.start('sampling')]);
    await factory.changeShop('main', 'ALTER TABLE product DROP PRIMARY KEY');
    await factory.changeShop('main', 'ALTER TABLE product MODIFY product_id DECIMAL(20,1) NULL');
  }, 120_000);
  afterAll(() => factory?.dispose(), 60_000);

  const deadLetters = (): Promise<DeadLetter[]> => factory.json<DeadLetter[]>('dead', 'list');

  it('one odd row of the products table: the other products continue, and the row is named', async () => {
    for (const id of ['NULL', '12.5', '9007199254740993', '-3'])
      await factory.changeShop(
        'main',
        `INSERT INTO product (product_id, name, is_active) VALUES (${id}, '', 1)`,
      );
    const waited = await factory.cli(
      ...'retrain --request-id odd --until sampling --wait --timeout 60 --json'.split(' '),
    );
    expect(waited.code).toBe(0);
    const { runs, leftOut } = JSON.parse(waited.stdout) as { runs: object[]; leftOut: { item: string }[] };
    expect(runs).toMatchObject([{ product: 1 }, { product: 2 }]);
    expect(leftOut.map(({ item }) => item)).toEqual(['NULL', '-3.0', '12.5', '9007199254740993.0']);
    expect(waited.stderr).toContain('left out: product id NULL: the product has no id');
    const listed = await factory.cli('runs', '--request', 'odd');
    expect(listed.stderr).toContain('left out: product id 12.5: a product id is a positive whole number');
    expect(await deadLetters()).toEqual([]);
    await factory.changeShop(
      'main',
      'DELETE FROM product WHERE product_id IS NULL OR product_id NOT IN (1, 2)',
    );
  }, 90_000);

  it('two contradictory rows of one id: that product fails, with an explanation', async () => {
    await factory.changeShop('main', "INSERT INTO product (product_id, name, is_active) VALUES (2, '', 0)");
    const waited = await factory.cli(...'retrain --until sampling --wait --timeout 60 --json'.split(' '));
    expect(waited.code).toBe(4);
    expect((JSON.parse(waited.stdout) as { runs: object[] }).runs).toMatchObject([
      { product: 1, reason: expect.not.stringContaining('contradictory') as string },
      { product: 2, outcome: 'failed', reason: 'contradictory-product' },
    ]);
    await factory.changeShop('main', 'DELETE FROM product WHERE product_id = 2 AND is_active = 0');
  }, 90_000);

  it('a products table that is not there: one dead letter, and who waits is told at once', async () => {
    await factory.changeShop('main', 'RENAME TABLE product TO product_elsewhere');
    const waited = await factory.cli('retrain', '--wait', '--timeout', '60');
    expect(waited.code).toBe(2);
    expect(waited.stderr).toContain('sources.main.products.table = "product": name a table of the database');
    expect(await deadLetters()).toMatchObject([{ code: 'invalid-source', attempts: 0 }]);
    await factory.changeShop('main', 'RENAME TABLE product_elsewhere TO product');
  }, 90_000);

  it('a goal and a source that are called constructor: one dead letter each', async () => {
    await publishByPython(
      factory,
      '{"productId": 1, "goal": "constructor"}',
      '{"productId": 1, "source": "constructor"}',
    );
    const letters = await until(
      async () => {
        const all = await deadLetters();
        return all.length === 3 && all;
      },
      { what: 'both are dead letters', timeoutMs: 30_000, everyMs: 500 },
    );
    expect(
      letters
        .slice(1)
        .map(({ code }) => code)
        .sort(),
    ).toEqual(['unknown-goal', 'unknown-source']);
  }, 60_000);

  it('a table that fails each time it is read: five attempts, one dead letter, and who waits is told', async () => {
    await factory.changeShop('main', 'RENAME TABLE product TO behind');
    await factory.changeShop(
      'main',
      // whoever reads it is told that the subquery has more than one row
      'CREATE VIEW product AS SELECT product_id, (SELECT visit_id FROM visit) AS is_active FROM behind',
    );
    const waited = await factory.cli('retrain', '--wait', '--timeout', '100');
    expect(waited.code).toBe(2);
    expect(waited.stderr).toContain('source-statement-failed');
    expect((await deadLetters()).at(-1)).toMatchObject({ code: 'source-statement-failed', attempts: 5 });
    await factory.changeShop('main', 'DROP VIEW product');
    await factory.changeShop('main', 'RENAME TABLE behind TO product');
    const sound = await factory.cli(...'retrain --until sampling --wait --timeout 60 --json'.split(' '));
    expect((JSON.parse(sound.stdout) as { runs: object[] }).runs).toHaveLength(2);
  }, 180_000);
});
