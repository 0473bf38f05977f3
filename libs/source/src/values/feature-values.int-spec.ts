import { createTestShop, testServers, type TestShop } from '@factory/testing';
import { sourceGrants } from '../access/grants';
import { openReading, type Reading } from '../fixtures/reading';
import { onlySource } from '../fixtures/small-shop';

let shop: TestShop;
const TABLES = `
CREATE TABLE product (product_id INT PRIMARY KEY);
CREATE TABLE visit (visit_id INT PRIMARY KEY, product_id INT, visit_time DATETIME, KEY by_time (product_id, visit_time));
CREATE TABLE sale (visit_id INT PRIMARY KEY, sale_time DATETIME);
INSERT INTO visit VALUES (1, 1, '2023-03-10'), (2, 1, '2023-03-10');
`;

beforeAll(async () => {
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  await shop.run(TABLES);
});
afterAll(() => shop.close());

/** Creates a table `agg` with one column of a type, its values for visits 1 and 2, and its declaration. */
async function withColumn<T>(
  type: string,
  values: readonly [string, string],
  declared: string,
  work: (reading: Reading) => Promise<T>,
): Promise<T> {
  await shop.run(`DROP TABLE IF EXISTS agg; CREATE TABLE agg (visit_id INT PRIMARY KEY, c ${type});
    INSERT INTO agg VALUES (1, ${values[0]}), (2, ${values[1]})`);
  const reading = await openReading(
    onlySource(`
sources:
  main:
    connectionEnv: SOURCE_MAIN_URL
    products: { table: product, id: product_id }
    visits: { table: visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: sale, visit: visit_id, time: sale_time } }
    features: [{ table: agg, key: visit_id, missing: unknown${declared} }]
`),
    shop.url,
  );
  try {
    return await work(reading);
  } finally {
    await reading.close();
  }
}

function featureOf(reading: Reading): Promise<readonly (number | string | null)[]> {
  return reading.reader.snapshot('sale', async (snapshot) => {
    await snapshot.keep(['1', '2']);
    const [column] = await snapshot.readFeatures();
    if (!column) throw new RangeError('the table has one feature');
    if (column.kind === 'number')
      return Array.from(column.values, (value) => (Number.isNaN(value) ? null : value));
    return Array.from(column.codes, (code) => column.levels[code] ?? null);
  });
}

const NUMBERS = ', numbers: [c]';
const CATEGORIES = ', categories: [c]';

describe('a feature is read according to its column', () => {
  test.each<[type: string, values: [string, string], declared: string, read: (number | string | null)[]]>([
    ["ENUM('25','40')", ["'40'", "'25'"], '', ['40', '25']],
    ["ENUM('25','40')", ["'40'", "'25'"], NUMBERS, [40, 25]],
    ["ENUM('25','more')", ["'25'", 'NULL'], NUMBERS, [25, null]],
    ["SET('a','b')", ["'a,b'", "'b'"], '', ['a,b', 'b']],
    ['BIT(1)', ["b'1'", "b'0'"], '', [1, 0]],
    ['BIT(1)', ["b'1'", "b'0'"], NUMBERS, [1, 0]],
    ['BIT(1)', ["b'1'", "b'0'"], CATEGORIES, ['1', '0']],
    ['BIT(8)', ["b'11'", "b'10000000'"], '', ['3', '128']],
    ['BIT(64)', ["b'11'", 'NULL'], '', ['3', null]],
    ['BOOLEAN', ['TRUE', 'FALSE'], '', [1, 0]],
    ['TINYINT', ['-7', '7'], '', [-7, 7]],
    ['TINYINT', ['-7', '7'], CATEGORIES, ['-7', '7']],
    [
      'BIGINT UNSIGNED',
      ['18446744073709551615', '9007199254740993'],
      CATEGORIES,
      ['18446744073709551615', '9007199254740993'],
    ],
    ['DECIMAL(20,4)', ['12.5', '-0.25'], '', [12.5, -0.25]],
    ['DOUBLE', ['1e30', '0.5'], '', [Math.fround(1e30), 0.5]],
    ['YEAR', ['2024', '1999'], '', [2024, 1999]],
    ['VARCHAR(20)', ["' 1.5 '", "'-2'"], NUMBERS, [1.5, -2]],
    ['VARCHAR(20)', ["'.5'", "'1e3'"], NUMBERS, [0.5, 1000]],
    ['VARCHAR(20)', ["''", "'  '"], NUMBERS, [null, null]],
    ['CHAR(4)', ["'007'", "'Ä'"], '', ['007', 'Ä']],
    ['VARCHAR(9) CHARACTER SET latin1', ["'zurück'", "'x'"], '', ['zurück', 'x']],
    ['TEXT', ["'12'", "'+7.'"], NUMBERS, [12, 7]],
    ['TEXT', ["'12'", "'twelve'"], CATEGORIES, ['12', 'twelve']],
    ['DATE', ["'2024-02-29'", 'NULL'], CATEGORIES, ['2024-02-29', null]],
    ['TIME', ["'10:00:00'", 'NULL'], CATEGORIES, ['10:00:00', null]],
  ])('%s of %j%s: %j', async (type, values, declared, read) => {
    await withColumn(type, values, declared, async (reading) => {
      expect((await reading.reader.checkCatalogue()).filter((one) => one.severity === 'error')).toEqual([]);
      expect(await featureOf(reading)).toEqual(read);
    });
  });
});

describe('a column without numbers, or without text, is refused as such', () => {
  test.each<[type: string, declared: string, code: string, says: string]>([
    ["ENUM('red','blue')", NUMBERS, 'not-a-number', "no word of enum('red','blue') is a number"],
    ["SET('1','2')", NUMBERS, 'not-a-number', 'holds several words'],
    ['BIT(8)', NUMBERS, 'not-a-number', 'a mask of bit(8) is not a quantity'],
    ['DATE', NUMBERS, 'not-a-number', 'date holds no numbers'],
    ['DATETIME', NUMBERS, 'not-a-number', 'holds no numbers'],
    ['BLOB', NUMBERS, 'not-a-number', 'holds no numbers'],
    ['VARBINARY(9)', NUMBERS, 'not-a-number', 'holds no numbers'],
    ['BLOB', CATEGORIES, 'not-a-category', 'holds bytes, not text'],
    ['BINARY(9)', CATEGORIES, 'not-a-category', 'holds bytes, not text'],
  ])('%s%s', async (type, declared, code, says) => {
    await withColumn(type, ['NULL', 'NULL'], declared, async (reading) => {
      expect(await reading.reader.checkCatalogue()).toMatchObject([
        { code, severity: 'error', value: 'agg.c', todo: expect.stringContaining(says) as string },
      ]);
    });
  });
});

describe('a DECIMAL level is its number, regardless of the digits of its column', () => {
  test.each<[type: string, values: [string, string], read: [string, string]]>([
    ['DECIMAL(5,2)', ['1.5', '1.50'], ['1.5', '1.5']],
    ['DECIMAL(5,1)', ['1.5', '2'], ['1.5', '2']],
    ['DECIMAL(9,6)', ['1.5', '10.05'], ['1.5', '10.05']],
    ['DECIMAL(5,2)', ['100', '100.10'], ['100', '100.1']],
    ['DECIMAL(5,0)', ['100', '10'], ['100', '10']],
    ['DECIMAL(5,2)', ['0', '-0.50'], ['0', '-0.5']],
    ['DECIMAL(5,2)', ['0.05', '0.50'], ['0.05', '0.5']],
    ['DECIMAL(30,10)', ['12345678901234567890.1', '1e3'], ['12345678901234567890.1', '1000']],
    // text stays text: 1.50 and 1.5 may mean two things
    ['VARCHAR(9)', ["'1.50'", "'1.5'"], ['1.50', '1.5']],
    ['INT', ['100', '10'], ['100', '10']],
    ['DOUBLE', ['100', '1.50'], ['100', '1.5']],
  ])('%s %j is read as %j', async (type, values, read) => {
    expect(await withColumn(type, values, CATEGORIES, featureOf)).toEqual(read);
  });
});
