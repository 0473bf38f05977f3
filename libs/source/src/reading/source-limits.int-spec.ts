import { createTestShop, testServers, type TestShop } from '@factory/testing';
import { sourceGrants } from '../access/grants';
import { SOURCE_LIMITS, type SourceLimits } from '../access/source-limits';
import { openReading, type Reading } from '../fixtures/reading';
import { onlySource } from '../fixtures/small-shop';

/** A shop whose rows somebody else writes. */
const SHOP = `
CREATE TABLE product (product_id INT PRIMARY KEY, is_active TINYINT);
CREATE TABLE visit (visit_id VARCHAR(700) COLLATE utf8mb4_bin, product_id INT, visit_time DATETIME, KEY by_time (product_id, visit_time));
CREATE TABLE sale (visit_id VARCHAR(700) COLLATE utf8mb4_bin, sale_time DATETIME);
CREATE TABLE agg (visit_id VARCHAR(700) COLLATE utf8mb4_bin, n INT, word VARCHAR(255), note LONGTEXT);
CREATE TABLE event (visit_id VARCHAR(700) COLLATE utf8mb4_bin, at DATETIME, what INT);
INSERT INTO product SELECT seq, 1 FROM numbers WHERE seq <= 200;
INSERT INTO visit SELECT seq, 1, '2023-03-10' FROM numbers WHERE seq <= 100;
INSERT INTO agg SELECT seq, seq, CONCAT('word ', seq), REPEAT('x', 20) FROM numbers WHERE seq <= 100;
INSERT INTO event SELECT MOD(seq, 100) + 1, '2023-03-10 00:00:01', 1 FROM numbers WHERE seq <= 1000;
`;
const NUMBERS = `CREATE TABLE numbers (seq INT PRIMARY KEY);
INSERT INTO numbers VALUES ${Array.from({ length: 1_000 }, (_, at) => `(${at + 1})`).join(',')};`;

const declared = (features: string) => `
sources:
  main:
    connectionEnv: SOURCE_MAIN_URL
    products: { table: product, id: product_id, active: is_active }
    visits: { table: visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: sale, visit: visit_id, time: sale_time } }
    ${features}
`;
const AGG = 'features: [{ table: agg, key: visit_id, missing: unknown, categories: [note] }]';
const EVENTS = 'observe: 60\n    features: [{ table: event, key: visit_id, time: at, missing: zero }]';

describe('a source whose tables somebody fills', () => {
  let shop: TestShop;

  beforeAll(async () => {
    shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
    await shop.run(NUMBERS + SHOP);
  });
  afterAll(() => shop.close());

  async function reading<T>(
    limits: Partial<SourceLimits>,
    work: (reading: Reading) => Promise<T>,
    features = AGG,
  ): Promise<T> {
    const open = await openReading(onlySource(declared(features)), shop.url, { ...SOURCE_LIMITS, ...limits });
    try {
      return await work(open);
    } finally {
      await open.close();
    }
  }
  const ids = Array.from({ length: 100 }, (_, at) => String(at + 1));
  const read = ({ reader }: Reading) =>
    reader.snapshot('sale', async (snapshot) => {
      await snapshot.keep(ids);
      return (await snapshot.readFeatures()).map(({ name }) => name);
    });

  it('is refused as a whole where it lists too many active products, and no more of them are read', async () => {
    const listed = ({ reader, statements }: Reading) =>
      reader.productList().catch((thrown: unknown) => {
        expect(statements.ran.at(-1)).toMatchObject({ name: 'list-active-products', rows: 100 });
        throw thrown;
      });
    await expect(reading({ products: 99 }, listed)).rejects.toMatchObject({
      code: 'too-many-products',
      retryable: false,
      message: expect.stringMatching(/main lists more than 99 active ones.*SOURCE_MAX_PRODUCTS/) as string,
    });
    expect((await reading({ products: 200 }, listed)).active).toHaveLength(200);
  });

  it.each<[string, Partial<SourceLimits>, string, RegExp, string]>([
    ['columns', { columns: 2 }, 'too-many-features', /features = 3.*SOURCE_MAX_COLUMNS/, AGG],
    ['different texts', { levels: 99 }, 'too-many-levels', /agg\.word = 100.*SOURCE_MAX_LEVELS/, AGG],
    ['rows of events', { rows: 999 }, 'too-many-feature-rows', /event = 1000.*SOURCE_MAX_ROWS/, EVENTS],
  ])('ends its run where it has too many %s', async (_, limits, code, message, features) => {
    const refused = reading(limits, read, features);
    await expect(refused).rejects.toMatchObject({ code, retryable: false });
    await expect(refused).rejects.toThrow(message);
  });

  it('is read up to each limit', async () => {
    expect(await reading({ columns: 3, levels: 100, rows: 100, valueCharacters: 20 }, read)).toEqual([
      'n',
      'word',
      'note',
    ]);
  });

  it('sends only the beginning of a text of megabytes, which cannot be read', async () => {
    await shop.run("UPDATE agg SET note = REPEAT('x', 10000000) WHERE visit_id = '7'");
    const before = process.memoryUsage().rss;
    await expect(reading({}, read)).rejects.toMatchObject({
      code: 'unreadable-values',
      message: expect.stringMatching(/^agg\.note = "x{60}/) as string,
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
    await shop.run("UPDATE agg SET note = 'x' WHERE visit_id = '7'");
  });

  it('cannot be read where an id is longer than ids are', async () => {
    await shop.run("INSERT INTO visit VALUES (REPEAT('7', 650), 1, '2023-03-10')");
    const range = { product: 1, start: new Date('2023-03-01Z'), end: new Date('2023-04-01Z') };
    const draw = (open: Reading) =>
      open.reader.snapshot('sale', (snapshot) =>
        snapshot.selectIds({ range, having: 'no-goal', salt: 'x', count: 101, population: 101 }),
      );
    await expect(reading({ valueCharacters: 600 }, draw)).rejects.toMatchObject({
      code: 'unreadable-values',
    });
  });
});
