import { createTestShop, testServers, type TestShop } from '@factory/testing';
import { sourceGrants } from '../access/grants';
import { openReading, type Reading } from '../fixtures/reading';
import { onlySource } from '../fixtures/small-shop';

let shop: TestShop;
const range = { product: 1, start: new Date('2024-01-01T00:00:00Z'), end: new Date('2024-04-01T00:00:00Z') };
/** Visits 1 to 6 of product 1, of which 1 to 3 have a sale. */
const CLEAN = {
  visits: Array.from({ length: 6 }, (_, at) => `(${at + 1}, 1, '${at + 1}', '2024-03-10 10:00:00')`),
  sales: [1, 2, 3].map((id) => `(${id}, '2024-03-10 10:10:00')`),
};

beforeAll(async () => {
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  await shop.run(
    "SET SESSION sql_mode = 'ALLOW_INVALID_DATES'; CREATE TABLE product (product_id INT PRIMARY KEY)",
  );
});
afterAll(() => shop.close());

interface Planted {
  readonly id?: string;
  readonly visitor?: string;
  readonly time?: string;
  readonly goalTime?: string;
  /** Of the feature table; with `events` one of event times. */
  readonly feature?: string;
  readonly events?: boolean;
  readonly visits?: readonly string[];
  readonly sales?: readonly string[];
  /** Rows `(visit_id, at, value)`. */
  readonly features?: readonly string[];
}

async function plant(planted: Planted): Promise<void> {
  const {
    id = 'INT NULL',
    visitor = 'VARCHAR(40)',
    time = 'DATETIME NULL',
    goalTime = 'DATETIME NULL',
  } = planted;
  const insert = (table: string, rows: readonly string[]): string =>
    rows.length === 0 ? '' : `INSERT INTO ${table} VALUES ${rows.join(', ')};`;
  await shop.run(`DROP TABLE IF EXISTS visit, sale, agg;
    CREATE TABLE visit (visit_id ${id}, product_id INT NULL, visitor_id ${visitor} NULL, visit_time ${time}, KEY (visit_id), KEY by_time (product_id, visit_time));
    CREATE TABLE sale (visit_id ${id}, sale_time ${goalTime}, KEY (visit_id));
    CREATE TABLE agg (visit_id ${id}, at DATETIME NULL, value ${planted.feature ?? 'INT'} NULL, KEY (visit_id));
    ${insert('visit', [...CLEAN.visits, ...(planted.visits ?? [])])}
    ${insert('sale', [...CLEAN.sales, ...(planted.sales ?? [])])}
    ${insert('agg', planted.features ?? [])}`);
}

async function reading<T>(
  planted: Planted,
  rule: string,
  work: (reading: Reading) => Promise<T>,
): Promise<T> {
  const table = planted.events
    ? '{ table: agg, key: visit_id, time: at, missing: unknown }'
    : '{ table: agg, key: visit_id, exclude: [at], missing: unknown, numbers: [value] }';
  const opened = await openReading(
    onlySource(`
sources:
  main:
    connectionEnv: SOURCE_MAIN_URL
    ${rule === '' ? '' : `unreadable: ${rule}`}
    ${planted.events ? 'observe: 300' : ''}
    products: { table: product, id: product_id }
    visits: { table: visit, id: visit_id, product: product_id, visitor: visitor_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: sale, visit: visit_id, time: sale_time } }
    features: [${table}]
`),
    shop.url,
  );
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

/** Draws the whole population as sampling does: an id's label follows from its draw. */
function draw({ reader }: Reading) {
  return reader.snapshot('sale', async (snapshot) => {
    const population = await snapshot.population(range);
    const ids = async (having: 'goal' | 'no-goal', count: number): Promise<string[]> => {
      const request = { range, having, salt: 's', count, population: Math.max(1, count) };
      return [...(await snapshot.selectIds(request))].map(String);
    };
    const goals = await ids('goal', population.goals);
    const others = await ids('no-goal', population.others);
    await snapshot.keep([...goals, ...others]);
    const { visitTimes, visitors } = await snapshot.readVisits();
    const [feature] = await snapshot.readFeatures();
    const days = await reader.goalVisitsByDayBack('sale', range);
    return {
      population,
      counted: days.reduce((sum, one) => sum + one, 0),
      goals: [...goals].sort(),
      others: [...others].sort(),
      times: [...new Set(visitTimes)],
      visitors: [...visitors].sort(),
      unreadable: snapshot.unreadableColumns,
      known: feature?.kind === 'number' ? [...feature.values].filter((one) => !Number.isNaN(one)) : [],
    };
  });
}

const MARCH = new Date('2024-03-10T10:00:00Z').getTime();

describe('a visit or goal row without a required value', () => {
  test.each<[what: string, planted: Planted, column: string, count: number, example: string]>([
    ['visit time NULL', { visits: ["(7, 1, 'x', NULL)"] }, 'visit.visit_time', 1, 'NULL'],
    [
      'visit time 0000-00-00',
      { visits: ["(7, 1, 'x', '0000-00-00'), (8, 1, 'x', '0000-00-00')"] },
      'visit.visit_time',
      2,
      '0000-00-00 00:00:00',
    ],
    [
      'visit on day zero',
      { visits: ["(7, 1, 'x', '2024-02-00 10:00:00')"] },
      'visit.visit_time',
      1,
      '2024-02-00 10:00:00',
    ],
    ['visit in month zero', { visits: ["(7, 1, 'x', '2024-00-10')"] }, 'visit.visit_time', 0, ''],
    [
      'visit on the 31st of February',
      { visits: ["(7, 1, 'x', '2024-02-31')"] },
      'visit.visit_time',
      1,
      '2024-02-31 00:00:00',
    ],
    [
      'visit on a DATE of day zero',
      { time: 'DATE NULL', visits: ["(7, 1, 'x', '2024-02-00')"] },
      'visit.visit_time',
      1,
      '2024-02-00',
    ],
    [
      'visit at a TIMESTAMP of zero',
      { time: 'TIMESTAMP NULL', visits: ["(7, 1, 'x', '0000-00-00')"] },
      'visit.visit_time',
      1,
      '0000-00-00 00:00:00',
    ],
    ['visit without id', { visits: ["(NULL, 1, 'x', '2024-03-10')"] }, 'visit.visit_id', 1, 'NULL'],
    ['goal time NULL', { sales: ['(4, NULL)'] }, 'sale.sale_time', 1, 'NULL'],
    [
      'goal time 0000-00-00',
      { sales: ["(4, '0000-00-00'), (5, '0000-00-00')"] },
      'sale.sale_time',
      2,
      '0000-00-00 00:00:00',
    ],
    ['goal on day zero', { sales: ["(4, '2024-03-00')"] }, 'sale.sale_time', 1, '2024-03-00 00:00:00'],
    ['goal in month zero', { sales: ["(4, '2024-00-00')"] }, 'sale.sale_time', 1, '2024-00-00 00:00:00'],
    [
      'goal on the 31st of April',
      { sales: ["(4, '2024-04-31')"] },
      'sale.sale_time',
      1,
      '2024-04-31 00:00:00',
    ],
    [
      'goal at a DATE of zero',
      { goalTime: 'DATE NULL', sales: ["(4, '0000-00-00')"] },
      'sale.sale_time',
      1,
      '0000-00-00',
    ],
    [
      'goal at a TIMESTAMP of zero',
      { goalTime: 'TIMESTAMP(3) NULL', sales: ["(4, '0000-00-00')"] },
      'sale.sale_time',
      1,
      '0000-00-00 00:00:00.000',
    ],
    [
      'a valid and a zero goal time of one visit',
      { sales: ["(3, '0000-00-00')"] },
      'sale.sale_time',
      1,
      '0000-00-00 00:00:00',
    ],
  ])(
    '%s is found, and left out consistently by counts, draw and labels if declared',
    async (_what, planted, column, count, example) => {
      await plant(planted);
      await reading(planted, '', async ({ reader }) => {
        const { columns } = await reader.unreadable('sale', range);
        expect(columns).toEqual(count === 0 ? [] : [{ column, count, example }]);
      });
      await reading(planted, 'drop', async (opened) => {
        const drawn = await draw(opened);
        expect(drawn).toMatchObject({
          population: { goals: 3, others: 3 },
          counted: 3,
          goals: ['1', '2', '3'],
          others: ['4', '5', '6'],
          unreadable: [],
        });
        for (const time of drawn.times) expect(new Date(time).toISOString()).toMatch(/^2024-03-10/);
      });
    },
  );

  it('of another product, or out of the range, is ignored; without a product it is counted', async () => {
    const planted = {
      visits: ["(7, 2, 'x', NULL)", "(8, 1, 'x', '2023-02-00')", "(9, NULL, 'x', '2024-03-10')"],
      sales: ["(7, '0000-00-00')", "(8, '0000-00-00')"],
    };
    await plant(planted);
    await reading(planted, '', async ({ reader }) => {
      expect(await reader.unreadable('sale', range)).toEqual({ columns: [], ofNoProduct: 1 });
    });
  });
});

describe('a streamed value that cannot be read', () => {
  test.each<
    [what: string, planted: Planted, column: string, count: number, example: string, known: number[]]
  >([
    [
      'a visit time that the check missed',
      { visits: ["(7, 1, 'x', '2024-02-00')"] },
      'visit.visit_time',
      1,
      '2024-02-00 00:00:00',
      [],
    ],
    [
      'visitor bytes over 7F',
      {
        visitor: 'VARBINARY(16)',
        visits: ["(7, 1, X'FF41', '2024-03-10 10:00:00')", "(8, 1, X'FE41', '2024-03-10 10:00:00')"],
      },
      'visit.visitor_id',
      2,
      '0xff41',
      [],
    ],
    [
      'visitor BINARY(4)',
      { visitor: 'BINARY(4)', visits: ["(7, 1, X'80000001', '2024-03-10 10:00:00')"] },
      'visit.visitor_id',
      1,
      '0x80000001',
      [],
    ],
    [
      'visitor BLOB',
      { visitor: 'BLOB', visits: ["(7, 1, X'C328', '2024-03-10 10:00:00')"] },
      'visit.visitor_id',
      1,
      '0xc328',
      [],
    ],
    [
      'a DOUBLE that is too large for a dataset',
      { feature: 'DOUBLE', features: ['(1, NULL, 1e300)', '(2, NULL, 2)'] },
      'agg.value',
      1,
      '1e+300',
      [2],
    ],
    [
      'a DECIMAL that is too large for a dataset',
      { feature: 'DECIMAL(60,0)', features: [`(1, NULL, -1${'0'.repeat(50)})`] },
      'agg.value',
      1,
      '-1e+50',
      [],
    ],
    [
      'a very long number in text',
      { feature: 'VARCHAR(20)', features: ["(1, NULL, '1e999')", "(2, NULL, '7')"] },
      'agg.value',
      1,
      '1e999',
      [7],
    ],
    [
      'an event time of zero',
      { events: true, features: ["(1, '0000-00-00', 5)", "(1, '2024-03-10 10:01:00', 2)"] },
      'agg.at',
      1,
      '0000-00-00 00:00:00',
      [2],
    ],
    [
      'an event on day zero',
      { events: true, features: ["(1, '2024-03-00', 5)"] },
      'agg.at',
      1,
      '2024-03-00 00:00:00',
      [],
    ],
    [
      'a sum that is too large for a dataset',
      {
        events: true,
        feature: 'DOUBLE',
        features: ["(1, '2024-03-10 10:01:00', 3e38)", "(1, '2024-03-10 10:02:00', 3e38)"],
      },
      'agg.value',
      1,
      'Infinity',
      [],
    ],
  ])(
    '%s ends the run, or is left out and counted if declared',
    async (_what, planted, column, count, example, known) => {
      await plant(planted);
      await reading(planted, 'refuse', async (opened) => {
        await expect(draw(opened)).rejects.toMatchObject({
          code: 'unreadable-values',
          retryable: false,
          refusals: [
            {
              field: column,
              value: example,
              todo: expect.stringContaining(`(${count}, this is the first)`) as string,
            },
          ],
        });
      });
      await reading(planted, 'drop', async (opened) => {
        const drawn = await draw(opened);
        expect(drawn.unreadable).toEqual(column === 'visit.visit_time' ? [] : [{ column, count, example }]);
        expect(drawn.known).toEqual(known);
        expect(drawn.times).toEqual([MARCH]);
      });
    },
  );

  test.each([
    '0x10',
    '1,5',
    '5abc',
    'nan',
    'NaN',
    'Infinity',
    '-',
    '1.2.3',
    '1 000',
    '1e',
    'e5',
    'n/a',
    'NULL',
    'twelve',
    '½',
    '٣',
    '1_000',
    '$5',
    '5%',
    '--1',
    '+',
    '1;2',
    'true',
  ])(
    '%j in a text column of numbers is not a number: it ends the run, or is unknown and counted',
    async (text) => {
      const planted: Planted = {
        feature: 'VARCHAR(20)',
        features: [`(1, NULL, '${text}')`, "(2, NULL, '7')", "(3, NULL, '')", '(4, NULL, NULL)'],
      };
      await plant(planted);
      await reading(planted, 'refuse', async (opened) => {
        await expect(draw(opened)).rejects.toMatchObject({
          code: 'unreadable-values',
          refusals: [
            { field: 'agg.value', value: text, todo: expect.stringContaining('(1, this') as string },
          ],
        });
      });
      await reading(planted, 'drop', async (opened) => {
        const drawn = await draw(opened);
        expect(drawn.unreadable).toEqual([{ column: 'agg.value', count: 1, example: text }]);
        expect(drawn.known).toEqual([7]);
      });
    },
  );

  test.each(["ENUM('25','more')", 'TEXT', 'CHAR(9)'])(
    'a word in %s read as numbers is unknown',
    async (feature) => {
      const planted: Planted = {
        feature,
        features: ["(1, NULL, '25')", "(2, NULL, 'more')", "(3, NULL, 'more')"],
      };
      await plant(planted);
      await reading(planted, 'drop', async (opened) => {
        const drawn = await draw(opened);
        expect(drawn.unreadable).toEqual([{ column: 'agg.value', count: 2, example: 'more' }]);
        expect(drawn.known).toEqual([25]);
      });
    },
  );

  test.each<[what: string, planted: Planted, visitors: (string | null)[]]>([
    [
      'bytes that are text',
      { visitor: 'VARBINARY(16)', visits: ["(7, 1, 'Zoë', '2024-03-10 10:00:00')"] },
      ['Zoë'],
    ],
    [
      'numbers over 2^53',
      {
        visitor: 'BIGINT UNSIGNED',
        visits: ["(7, 1, 9007199254740993, '2024-03-10')", "(8, 1, 18446744073709551615, '2024-03-10')"],
      },
      ['18446744073709551615', '9007199254740993'],
    ],
    [
      'DECIMAL digits',
      { visitor: 'DECIMAL(30,0)', visits: ["(7, 1, 123456789012345678901234567890, '2024-03-10')"] },
      ['123456789012345678901234567890'],
    ],
    [
      'latin1 letters',
      { visitor: 'VARCHAR(20) CHARACTER SET latin1', visits: ["(7, 1, 'Müller', '2024-03-10')"] },
      ['Müller'],
    ],
    ['emoji', { visitor: 'VARCHAR(20)', visits: ["(7, 1, '🙂', '2024-03-10')"] }, ['🙂']],
  ])('but visitors of %s are read unchanged', async (_what, planted, visitors) => {
    await plant(planted);
    await reading(planted, '', async (opened) => {
      expect((await draw(opened)).visitors).toEqual(expect.arrayContaining(visitors));
    });
  });
});

it('ids that the database considers equal end the run, and are not retried', async () => {
  const planted: Planted = {
    id: 'VARCHAR(20)',
    visits: ["('Ab', 1, 'x', '2024-03-10')", "('ab', 1, 'y', '2024-03-10')"],
  };
  await plant(planted);
  await reading(planted, '', async (opened) => {
    await expect(draw(opened)).rejects.toMatchObject({ code: 'visit-id-not-unique', retryable: false });
  });
});
