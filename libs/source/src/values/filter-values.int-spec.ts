import { createTestShop, testServers, type TestShop } from '@factory/testing';
import { sourceGrants } from '../access/grants';
import { openReading } from '../fixtures/reading';
import { onlySource } from '../fixtures/small-shop';

let shop: TestShop;
const range = { product: 1, start: new Date('2023-03-01T00:00:00Z'), end: new Date('2023-04-01T00:00:00Z') };
/** The value of goal row k in each column; NULL in the last row. */
const COLUMNS: Readonly<Record<string, readonly [type: string, ...values: string[]]>> = {
  number_word: ["ENUM('0','1')", "'0'", "'1'", "'1'", "'0'"],
  word: ["ENUM('open','paid','it''s')", "'open'", "'paid'", "'it''s'", "'paid'"],
  words: ["SET('paid','shipped','back')", "'paid'", "'paid,shipped'", "'shipped'", "''"],
  short_text: ['VARCHAR(20) COLLATE utf8mb4_unicode_ci', "'paid'", "'Paid'", "'paid  '", "'0'"],
  exact_text: ['VARCHAR(20) COLLATE utf8mb4_bin', "'paid'", "'Paid'", "'paid  '", "'1'"],
  fixed_text: ['CHAR(8)', "'paid'", "'paid'", "'back'", "'1.0'"],
  latin: ['VARCHAR(20) CHARACTER SET latin1', "'bezahlt'", "'zurück'", "'zurück'", "'x'"],
  long_text: ['TEXT', "'paid'", "'paid'", "'open'", "'true'"],
  digits: ['VARCHAR(20)', "'007'", "'7'", "'7.0'", "'1e1'"],
  flag: ['TINYINT(1)', '0', '1', '1', '2'],
  bit_flag: ['BIT(1)', "b'0'", "b'1'", "b'1'", "b'0'"],
  mask: ['BIT(8)', "b'0'", "b'101'", "b'101'", "b'1'"],
  whole: ['INT', '1', '2', '-3', '2'],
  positive: ['SMALLINT UNSIGNED', '1', '2', '65535', '2'],
  large: ['BIGINT', '9007199254740993', '9007199254740991', '7', '7'],
  amount: ['DECIMAL(10,2)', '0.10', '12.00', '0.10', '99.99'],
  single: ['FLOAT', '0.1', '0.7', '0.1', '5'],
  double_number: ['DOUBLE', '0.1', '0.7', '0.1', '5'],
  in_year: ['YEAR', '2023', '2024', '2024', '1999'],
  on_day: ['DATE', "'2023-03-01'", "'2023-03-02'", "'0000-00-00'", "'2023-03-02'"],
  at_time: ['DATETIME(3)', "'2023-03-01 10:00:00.500'", "'2023-03-02'", "'0000-00-00'", "'2023-03-02'"],
  stamp: ['TIMESTAMP NULL', "'2023-03-01 10:00:00'", "'2023-03-02'", "'2023-03-02'", "'2023-03-03'"],
  of_day: ['TIME', "'10:00:00'", "'-01:00:00'", "'100:00:00'", "'10:00:00'"],
  bytes: ['VARBINARY(20)', "'paid'", "'paid'", "'x'", "'x'"],
  blob_text: ['BLOB', "'paid'", "'paid'", "'x'", "'x'"],
  shape: ['POINT', 'POINT(1,1)', 'POINT(1,2)', 'POINT(1,1)', 'POINT(1,1)'],
};
const ROWS = 4;

beforeAll(async () => {
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  const columns = Object.entries(COLUMNS).map(
    ([name, [type]]) => `${name} ${type}, KEY (${name}${lengthOf(type)})`,
  );
  await shop.run(`SET SESSION sql_mode = '';
    CREATE TABLE product (product_id INT PRIMARY KEY);
    CREATE TABLE visit (visit_id INT PRIMARY KEY, product_id INT, visit_time DATETIME, KEY by_time (product_id, visit_time));
    CREATE TABLE agg (visit_id INT PRIMARY KEY, clicks INT);
    CREATE TABLE sale (visit_id INT PRIMARY KEY, sale_time DATETIME, ${columns.join(', ').replace(', KEY (shape)', '')})`);
  for (let row = 0; row <= ROWS; row++) {
    await shop.run(`INSERT INTO visit VALUES (${row}, 1, '2023-03-10 10:00:00')`);
    const values = Object.values(COLUMNS).map(([, ...all]) => all[row] ?? 'NULL');
    await shop.run(`INSERT INTO sale VALUES (${row}, '2023-03-10 10:00:00', ${values.join(', ')})`);
  }
});
afterAll(() => shop.close());

function lengthOf(type: string): string {
  return /TEXT|BLOB/.test(type) ? '(20)' : '';
}

async function reading<T>(
  filter: string,
  work: (reader: Awaited<ReturnType<typeof openReading>>['reader']) => Promise<T>,
) {
  const opened = await openReading(
    onlySource(`
sources:
  main:
    connectionEnv: SOURCE_MAIN_URL
    products: { table: product, id: product_id }
    visits: { table: visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: sale, visit: visit_id, time: sale_time, filters: [{ ${filter} }] } }
    features: [{ table: agg, key: visit_id, missing: zero }]
`),
    shop.url,
  );
  try {
    return await work(opened.reader);
  } finally {
    await opened.close();
  }
}

describe('a declared value is compared according to the column', () => {
  test.each<[filter: string, goals: number]>([
    ['column: number_word, in: [1]', 2],
    ['column: number_word, in: [0]', 2],
    ['column: number_word, in: ["1"]', 2],
    ['column: number_word, notIn: [0]', 2],
    ['column: word, in: [paid]', 2],
    ['column: word, in: [PAID]', 2],
    ['column: word, in: ["it\'s"]', 1],
    ['column: word, notIn: [open]', 3],
    ['column: words, in: [paid]', 1],
    ['column: words, in: ["paid,shipped", ""]', 2],
    ['column: short_text, in: [paid]', 3],
    ['column: short_text, in: [0]', 1],
    ['column: short_text, notIn: [0]', 3],
    ['column: exact_text, in: [paid]', 2],
    ['column: exact_text, in: [1]', 1],
    ['column: fixed_text, in: [paid, back]', 3],
    ['column: fixed_text, in: ["1.0"]', 1],
    ['column: latin, in: [zurück]', 2],
    ['column: latin, notIn: [zurück, bezahlt]', 1],
    ['column: long_text, in: [paid]', 2],
    ['column: long_text, in: ["true"]', 1],
    ['column: digits, in: ["007"]', 1],
    ['column: digits, in: [7]', 1],
    ['column: flag, in: [true]', 2],
    ['column: flag, in: [false]', 1],
    ['column: flag, in: [2]', 1],
    ['column: bit_flag, in: [true]', 2],
    ['column: bit_flag, in: [0]', 2],
    ['column: mask, in: [5]', 2],
    ['column: whole, in: [2]', 2],
    ['column: whole, notIn: [-3]', 3],
    ['column: positive, in: [65535]', 1],
    ['column: large, in: [9007199254740991]', 1],
    ['column: amount, in: [.1]', 2],
    ['column: amount, in: [12, 99.99]', 2],
    ['column: single, in: [.1]', 2],
    ['column: single, in: [.7, 5]', 2],
    ['column: double_number, in: [.1]', 2],
    ['column: in_year, in: [2024]', 2],
    ['column: on_day, in: ["2023-03-02"]', 2],
    ['column: on_day, in: [2023-03-02]', 2],
    ['column: on_day, notIn: ["0000-00-00"]', 3],
    ['column: at_time, in: ["2023-03-02"]', 2],
    ['column: at_time, in: ["2023-03-01 10:00:00.5"]', 1],
    ['column: at_time, in: ["0000-00-00"]', 1],
    ['column: stamp, in: ["2023-03-02 00:00"]', 2],
    ['column: of_day, in: ["10:00:00"]', 2],
    ['column: of_day, in: ["-01:00:00", "100:00:00"]', 2],
  ])('%s: %i of four', async (filter, goals) => {
    await reading(filter, async (reader) => {
      expect((await reader.checkCatalogue()).filter((one) => one.severity === 'error')).toEqual([]);
      expect(await reader.population('sale', range)).toEqual({ goals, others: ROWS + 1 - goals });
      expect(await reader.filterMatches('sale', range)).toMatchObject([{ rows: ROWS + 1, passed: goals }]);
    });
  });
});

describe('a value that the column cannot contain is refused when the source is checked', () => {
  test.each<[filter: string, field: string, says: string]>([
    ['column: number_word, in: [2]', 'in.0', "use one of the words of enum('0','1')"],
    ['column: number_word, in: [true]', 'in.0', 'put the word in quotes, as in "true"'],
    ['column: word, in: [paid, payed]', 'in.1', 'use one of the words'],
    ['column: word, in: [""]', 'in.0', 'use one of the words'],
    ['column: words, in: ["shipped,paid"]', 'in.0', 'in the order of set('],
    ['column: short_text, in: [false]', 'in.0', 'put the word in quotes'],
    ['column: long_text, notIn: [true]', 'notIn.0', 'put the word in quotes'],
    ['column: flag, in: ["1"]', 'in.0', 'write 1 without quotes'],
    ['column: bit_flag, in: [2]', 'in.0', 'from 0 to 1'],
    ['column: mask, in: [true]', 'in.0', 'holds no true and false: give a number'],
    ['column: mask, in: [256]', 'in.0', 'from 0 to 255'],
    ['column: whole, in: [1.5]', 'in.0', 'give a whole number'],
    ['column: whole, in: [paid]', 'in.0', 'give a number'],
    ['column: whole, in: [""]', 'in.0', 'give a number'],
    ['column: whole, in: [true]', 'in.0', 'holds no true and false'],
    ['column: whole, in: [3000000000]', 'in.0', 'up to 2147483647'],
    ['column: positive, in: [-1]', 'in.0', 'up to 65535'],
    ['column: large, in: [9007199254740993]', 'in.0', 'up to 9007199254740991'],
    ['column: amount, in: [.125]', 'in.0', 'no row can have this one'],
    ['column: amount, in: ["12.00"]', 'in.0', 'write 12 without quotes'],
    ['column: amount, in: ["0.50"]', 'in.0', 'write 0.5 without quotes'],
    ['column: amount, in: ["-007.5"]', 'in.0', 'write -7.5 without quotes'],
    ['column: large, in: ["9007199254740991"]', 'in.0', 'write 9007199254740991 without quotes'],
    ...[
      ['large', '9007199254740993'],
      ['large', '9007199254740992'],
      ['large', '-9007199254740993'],
      ['large', '18446744073709551615'],
      ['amount', '0.12345678901234567890'],
      ['amount', '12.000000000000000000001'],
    ].map(([column, text]): [string, string, string] => [
      `column: ${column}, in: ["${text}"]`,
      'in.0',
      `filter by another column, or by a view: ${text} has more digits`,
    ]),
    ['column: large, in: ["1e30"]', 'in.0', 'write 1e+30 without quotes'],
    ['column: single, in: [yes]', 'in.0', 'give a number'],
    ['column: in_year, in: [24]', 'in.0', 'four digits'],
    ['column: on_day, in: [20230302]', 'in.0', "'YYYY-MM-DD'"],
    ['column: on_day, in: ["2023-02-30"]', 'in.0', 'give a valid date'],
    ['column: at_time, in: ["2023-03-01T10:00:00Z"]', 'in.0', 'UTC'],
    ['column: of_day, in: ["10"]', 'in.0', "'HH:MM:SS'"],
    ['column: bytes, in: [paid]', 'in.0', 'has no text to compare with'],
    ['column: blob_text, in: [paid]', 'in.0', 'has no text to compare with'],
    ['column: latin, in: [łódź]', 'in.0', 'character set latin1'],
    ['column: shape, in: [1]', 'in.0', 'has no text to compare with'],
  ])('%s', async (filter, field, says) => {
    await reading(filter, async (reader) => {
      const errors = (await reader.checkCatalogue()).filter((one) => one.severity === 'error');
      expect(errors).toMatchObject([
        { code: 'wrong-filter-value', field: `sources.main.goals.sale.filters.0.${field}` },
      ]);
      expect(errors[0]?.todo).toContain(says);
      await expect(reader.population('sale', range)).rejects.toMatchObject({
        code: 'wrong-filter-value',
        retryable: false,
      });
    });
  });

  it('but not if another goal is requested', async () => {
    const source = onlySource(`
sources:
  main:
    connectionEnv: SOURCE_MAIN_URL
    products: { table: product, id: product_id }
    visits: { table: visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals:
      sale: { table: sale, visit: visit_id, time: sale_time }
      odd: { table: sale, visit: visit_id, time: sale_time, filters: [{ column: whole, in: [paid] }] }
    features: [{ table: agg, key: visit_id, missing: zero }]
`);
    const opened = await openReading(source, shop.url);
    expect(await opened.reader.checkCatalogue('sale')).toEqual([]);
    expect(await opened.reader.checkCatalogue('odd')).toHaveLength(1);
    await opened.close();
  });
});
