import { createTestShop, testServers, type TestShop } from '@factory/testing';
import { z } from 'zod';
import { sourceGrants } from '../access/grants';
import { classesOf, featuresOf, type Classes } from '../fixtures/classes';
import { EVENT_SHOP, eventShopSources, storeVisits, type EventVisit } from '../fixtures/event-shop';
import { openReading, type Reading } from '../fixtures/reading';
import { onlySource } from '../fixtures/small-shop';

let shop: TestShop;
/**
 * Two minutes before clocks in Berlin, the source's time zone, go from 2 to 3: a cut is five minutes
 * nevertheless.
 */
const startMs = Date.parse('2023-03-26T00:58:00Z');
const DAY = 86_400;
const range = { product: 7, start: new Date('2023-03-26T00:00:00Z'), end: new Date('2023-03-27T00:00:00Z') };

beforeAll(async () => {
  shop = await createTestShop(testServers().sourceAdminUrl, sourceGrants);
  await shop.run(EVENT_SHOP);
});
afterAll(() => shop.close());

type Class = 'goal' | 'other' | 'out';
function classOf({ goals, others }: Classes, id: string): Class {
  if (goals.includes(id)) return 'goal';
  return others.includes(id) ? 'other' : 'out';
}

async function open(cut: string): Promise<Reading> {
  return openReading(onlySource(eventShopSources(cut)), shop.url);
}

const sale = (at: number | null, more: { state?: string; amount?: number } = {}) => ({ at, ...more });

type Member = [
  what: string,
  visit: Omit<EventVisit, 'startMs'>,
  classes: { sale: Class; soon: Class; any: Class },
];
const same = (one: Class) => ({ sale: one, soon: one, any: one });

describe('observe: 300 separates features from goals', () => {
  const members: Member[] = [
    ['no goal', {}, same('other')],
    ['a sale 20 minutes into the visit', { sales: [sale(1200)] }, same('goal')],
    ['a sale 2 minutes into it', { sales: [sale(120)] }, same('out')],
    ['a sale exactly at the cut', { sales: [sale(300)] }, same('goal')],
    ['a sale a millisecond before the cut', { sales: [sale(299.999)] }, same('out')],
    ['a sale at the start', { sales: [sale(0)] }, same('out')],
    ['a sale before the visit', { sales: [sale(-60)] }, same('out')],
    ['a sale before the cut and one after it', { sales: [sale(60), sale(600)] }, same('out')],
    ['two sales after the cut count once', { sales: [sale(301), sale(302)] }, same('goal')],
    ['a cancelled sale before the cut', { sales: [sale(60, { state: 'void' })] }, same('other')],
    [
      'a cancelled sale before the cut, a paid one after it',
      { sales: [sale(60, { state: 'void' }), sale(600)] },
      same('goal'),
    ],
    ['a cancelled sale after the cut', { sales: [sale(600, { state: 'void' })] }, same('other')],
    [
      'a small sale before the cut: only soon takes any value',
      { sales: [sale(60, { amount: 9 })] },
      { sale: 'other', soon: 'out', any: 'other' },
    ],
    [
      'a small sale after the cut',
      { sales: [sale(600, { amount: 9 })] },
      { sale: 'other', soon: 'goal', any: 'other' },
    ],
    [
      'a sale in the last millisecond of a horizon from the cut',
      { sales: [sale(300 + DAY - 0.001)] },
      same('goal'),
    ],
    [
      'a sale at the end of a horizon from the cut',
      { sales: [sale(300 + DAY)] },
      { sale: 'goal', soon: 'other', any: 'goal' },
    ],
    ['a sign-up after the cut', { signups: [600] }, { sale: 'other', soon: 'other', any: 'goal' }],
    ['a sign-up before the cut', { signups: [60] }, { sale: 'other', soon: 'other', any: 'out' }],
    [
      'a sign-up before the cut and a sale after it',
      { signups: [60], sales: [sale(600)] },
      { sale: 'goal', soon: 'goal', any: 'out' },
    ],
    ['a sale before the cut and a sign-up after it', { signups: [600], sales: [sale(60)] }, same('out')],
    ['a sale at an unknown time', { sales: [sale(null)] }, same('other')],
    ['a sale at an unknown time and one after the cut', { sales: [sale(null), sale(600)] }, same('goal')],
    ['a sale when the clocks have changed', { sales: [sale(3600)] }, same('goal')],
    ['events only', { events: [1, 2, 400] }, same('other')],
  ];
  const visits = members.map(([, visit]): EventVisit => ({ startMs, ...visit }));
  let reading: Reading;
  const classes: Record<string, Classes> = {};

  beforeAll(async () => {
    await storeVisits(shop, visits);
    // of no visit: as if its visit had been deleted
    await shop.insert('sale', [
      { visit_id: 9_999, sale_time: '2023-03-26 01:30:00', amount: 50, state: 'paid' },
    ]);
    reading = await open('observe: 300');
    for (const goal of ['sale', 'soon', 'any']) classes[goal] = await classesOf(reading.reader, goal, range);
  });
  afterAll(() => reading.close());

  test.each(members.map(([what, , expected], at) => [what, expected, String(at + 1)] as const))(
    '%s: %j',
    (_, expected, id) => {
      const found = Object.fromEntries(
        Object.entries(classes).map(([goal, one]) => [goal, classOf(one, id)]),
      );
      expect(found).toEqual(expected);
    },
  );

  test.each(['sale', 'soon', 'any'] as const)(
    'every reader counts %s in the same way, and each visit once, including those left out',
    (goal) => {
      const { goals, others, population, populationOfSnapshot, windowSales } = classes[goal]!;
      const out = members.filter(([, , expected]) => expected[goal] === 'out').length;
      expect(population).toEqual({
        goals: goals.length,
        others: others.length,
        leftOut: { goalBeforeCut: out, noCut: 0, cutTooLate: 0 },
      });
      expect(populationOfSnapshot).toEqual(population);
      expect(windowSales).toBe(goals.length);
      expect(goals.length + others.length + out).toBe(members.length);
    },
  );
});

describe('goals without an index on visits', () => {
  test.each([
    ['a cut', 'observe: 300', 'sale'],
    ['a cut and a horizon', 'observe: 300', 'soon'],
    ['a cut column', 'cut: read_at', 'any'],
  ])('are not read visit by visit: %s', async (_, cut, goal) => {
    await shop.run('ALTER TABLE sale DROP KEY by_visit; ALTER TABLE signup DROP KEY by_visit');
    const { reader, statements, close } = await open(cut);
    await classesOf(reader, goal, range);
    const asked = statements.ran.filter(({ name }) => /count|select/.test(name));
    const plans: string[] = [];
    for (const { name, sql: text, parameters } of asked) {
      const query = {
        name: 'explain',
        sql: { text: `EXPLAIN FORMAT=TRADITIONAL ${text}`, values: parameters },
        row: z.array(z.unknown()),
      };
      for (const row of await statements.all(query))
        plans.push(`${name}: ${row.slice(1, 4).map(String).join(' ')}`);
    }
    await close();
    await shop.run(
      'ALTER TABLE sale ADD KEY by_visit (visit_id); ALTER TABLE signup ADD KEY by_visit (visit_id)',
    );
    expect(new Set(asked.map((one) => one.name)).size).toBe(4);
    expect(plans.length).toBeGreaterThan(asked.length);
    expect(plans.filter((one) => /DEPENDENT \w+ (g|sale|signup) /.test(one))).toEqual([]);
  });
});

describe('a cut column sets the cut of each visit', () => {
  // at noon nothing later than that can be labelled
  const latestCut = new Date('2023-03-26T12:00:00Z');
  const toNoon = (latestCut.getTime() - startMs) / 1000;
  const members: [
    string,
    Omit<EventVisit, 'startMs'>,
    Class | keyof NonNullable<Classes['population']['leftOut']>,
    number?,
  ][] = [
    ['no cut', { readAt: null }, 'noCut'],
    ['no cut and a sale', { readAt: null, sales: [sale(60)] }, 'noCut'],
    ['a cut at 10 minutes, a sale at 5', { readAt: 600, sales: [sale(300)] }, 'goalBeforeCut'],
    [
      'a cut at 10 minutes, a sale at 10',
      { readAt: 600, sales: [sale(600)], events: [0, 599.999, 600] },
      'goal',
      2,
    ],
    ['a cut at 1 minute, a sale at 5', { readAt: 60, sales: [sale(300)], events: [59, 61] }, 'goal', 1],
    [
      'a cut at the start: nothing has happened yet',
      { readAt: 0, sales: [sale(60)], events: [0, 1] },
      'goal',
      0,
    ],
    ['a cut before the start', { readAt: -60, events: [-61, -60, -59, 0] }, 'other', 0],
    ['a cut before the start, a sale between them', { readAt: -60, sales: [sale(-30)] }, 'goal', 0],
    ['the latest cut that can be labelled', { readAt: toNoon, events: [5, 30_000] }, 'other', 2],
    ['a cut a millisecond later', { readAt: toNoon + 0.001, sales: [sale(80_000)] }, 'cutTooLate'],
    ['a later cut with a sale before it', { readAt: toNoon + 1, sales: [sale(60)] }, 'cutTooLate'],
  ];
  const visits = members.map(([, visit]): EventVisit => ({ startMs, ...visit }));
  let reading: Reading;
  let classes: Classes;
  let clicks: (number | string | null)[];

  beforeAll(async () => {
    await storeVisits(shop, visits);
    reading = await open('cut: read_at');
    classes = await classesOf(reading.reader, 'sale', { ...range, latestCut });
    const all = members.map((_, at) => String(at + 1));
    clicks = (await featuresOf(reading.reader, 'sale', all))['clicks']!;
  });
  afterAll(() => reading.close());

  test.each(members.map(([what, , expected, seen], at) => [what, expected, at, seen] as const))(
    '%s: %s',
    (_, expected, at, seen) => {
      const out = expected !== 'goal' && expected !== 'other';
      expect(classOf(classes, String(at + 1))).toBe(out ? 'out' : expected);
      if (seen !== undefined) expect(clicks[at]).toBe(seen);
    },
  );

  it('counts each reason separately, and each visit once', () => {
    const count = (of: string) => members.filter(([, , one]) => one === of).length;
    expect(classes.population).toEqual({
      goals: count('goal'),
      others: count('other'),
      leftOut: {
        goalBeforeCut: count('goalBeforeCut'),
        noCut: count('noCut'),
        cutTooLate: count('cutTooLate'),
      },
    });
    expect(classes.populationOfSnapshot).toEqual(classes.population);
  });

  it('is not a feature itself, even if the visits are a feature table', async () => {
    const wide = eventShopSources('cut: read_at').replace(
      '    features:\n',
      '    features:\n      - { table: visit, key: visit_id, missing: unknown, categories: [read_at] }\n',
    );
    const { reader, close } = await openReading(onlySource(wide), shop.url);
    const { tables, dropped } = await reader.features();
    await close();
    expect(tables[0]?.columns).toEqual([]);
    expect(dropped).toContainEqual({ column: 'visit.read_at', reason: 'date' });
  });
});

describe('events count from the start, or from the lookback, up to the cut', () => {
  type Events = [
    what: string,
    events: number[],
    clicks: number,
    scrolls: number,
    seen: number,
    page: string | null,
  ];
  const members: Events[] = [
    ['none', [], 0, NaN, 0, null],
    ['one at the start', [0], 1, 1, 1, 'at-0'],
    ['one a millisecond before the start', [-0.001], 0, NaN, 1, null],
    ['one a millisecond before the cut', [299.999], 1, 1, 1, 'at-299.999'],
    ['one exactly at the cut', [300], 0, NaN, 0, null],
    ['one after the cut', [301], 0, NaN, 0, null],
    ['only what is between', [-301, -300, -299, 5, 10, 300, 500], 2, 2, 4, 'at-10'],
    [
      'a hundred after the cut have no effect',
      Array.from({ length: 100 }, (_, at) => 300 + at),
      0,
      NaN,
      0,
      null,
    ],
    ['two at one instant', [7, 7], 2, 2, 2, 'at-7'],
  ];

  test.each(['sale', 'soon', 'any'])('for any goal (%s), whether or not it was reached', async (goal) => {
    const { reader, close } = await open('observe: 300');
    for (const reached of [false, true]) {
      const sales = reached ? [sale(300), sale(400)] : [];
      await storeVisits(
        shop,
        members.map(([, events]) => ({ startMs, events, sales })),
      );
      const found = await featuresOf(
        reader,
        goal,
        members.map((_, at) => String(at + 1)),
      );
      const of = (place: 2 | 3 | 4 | 5) => members.map((one) => one[place]);
      expect(found).toEqual({ clicks: of(2), scrolls: of(3), seen: of(4), page: of(5) });
    }
    await close();
  });

  it('an event at an unknown time never counts', async () => {
    await storeVisits(shop, [{ startMs }]);
    await shop.insert('click', [{ visit_id: 1, click_time: null, clicks: 1, page: 'x' }]);
    const { reader, close } = await open('observe: 300');
    expect(await featuresOf(reader, 'sale', ['1'])).toMatchObject({ clicks: [0], page: [null] });
    await close();
  });
});
