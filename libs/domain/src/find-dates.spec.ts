import { DEFAULT_POLICY } from './policy';
import fc from 'fast-check';
import { findDates, thresholdsOf, windowReason } from './find-dates';

const DAY_MS = 86_400_000;
const thresholds = DEFAULT_POLICY.windowThresholds;
const start = new Date('2023-01-01T00:00:00Z');
const end = new Date('2023-04-01T00:00:00Z');
const find = (sales: number[], from = start, to = end) => findDates(from, to, sales, thresholds);

describe('findDates, the table of rules R1 (2023-01-01 .. 2023-03-31)', () => {
  test.each([
    { name: '300 a day', sales: Array(90).fill(300), days: 35, sold: 10_500, from: '2023-02-25' },
    { name: '3,000 a day', sales: Array(90).fill(3_000), days: 21, sold: 63_000, from: '2023-03-11' },
    { name: '100 a day', sales: Array(90).fill(100), days: 90, sold: 9_000, from: '2023-01-01' },
    {
      name: 'exactly 10,000 in the latest 35 days, none before',
      sales: [10_000, ...Array(89).fill(0)],
      days: 90,
      sold: 10_000,
      from: '2023-01-01',
    },
  ])('$name: $days days, $sold sales', ({ sales, days, sold, from }) => {
    const { window } = find(sales);
    expect(window).toEqual({ start: new Date(`${from}T00:00:00Z`), end, days, sales: sold });
  });

  it('keeps every candidate: weekly steps, the last clipped at the start, sales added up', () => {
    const { candidates } = find(Array(90).fill(100));
    expect(candidates.map((one) => one.days)).toEqual([7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 90]);
    expect(candidates.map((one) => one.sales)).toEqual(candidates.map((one) => one.days * 100));
  });
});

describe('findDates is strict', () => {
  const onlyLatest = (sales: number) => [sales, ...Array(89).fill(0)];
  test.each([
    [10_001, 35],
    [10_000, 90],
    [50_001, 21],
    [50_000, 35],
  ])('%i sales in the latest day: %i days', (sales, days) => {
    expect(find(onlyLatest(sales)).window.days).toBe(days);
  });

  it('does not stop at exactly 14 days however many sales there are', () => {
    expect(find(onlyLatest(1_000_000)).window.days).toBe(21);
  });

  it('reports which threshold was passed, and null for the whole range', () => {
    expect(find(onlyLatest(20_000)).passed).toEqual({ days: 30, sales: 10_000 });
    expect(find(onlyLatest(1)).passed).toBeNull();
  });
});

describe('findDates, for any sales', () => {
  const days = fc.integer({ min: 1, max: 200 });
  const sales = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 200 });

  it('candidates grow from the same end and stop at the start, with cumulative sales', () => {
    fc.assert(
      fc.property(days, sales, (length, perDay) => {
        const from = new Date(end.getTime() - length * DAY_MS);
        const { candidates, window } = find(perDay, from);
        candidates.forEach((one, at) => {
          expect(one.start.getTime()).toBe(end.getTime() - one.days * DAY_MS);
          expect(one.days).toBeGreaterThan(candidates[at - 1]?.days ?? 0);
          expect(one.sales).toBe(perDay.slice(0, one.days).reduce((sum, n) => sum + n, 0));
        });
        expect(candidates.at(-1)?.start).toEqual(from);
        expect(candidates).toContainEqual({ start: window.start, days: window.days, sales: window.sales });
      }),
    );
  });

  it('takes the shortest that passes: none shorter does', () => {
    fc.assert(
      fc.property(days, sales, (length, perDay) => {
        const { candidates, window, passed } = find(perDay, new Date(end.getTime() - length * DAY_MS));
        const passes = (one: { days: number; sales: number }) =>
          (one.days > 30 && one.sales > 10_000) || (one.days > 14 && one.sales > 50_000);
        expect(candidates.filter((one) => one.days < window.days && passes(one))).toEqual([]);
        expect(passed !== null).toBe(passes(window));
      }),
    );
  });

  it('more sales never make the window longer', () => {
    fc.assert(
      fc.property(sales, fc.integer({ min: 0, max: 89 }), fc.nat(100_000), (perDay, day, more) => {
        const richer = Array.from({ length: 90 }, (_, at) => (perDay[at] ?? 0) + (at === day ? more : 0));
        expect(find(richer).window.days).toBeLessThanOrEqual(find(perDay).window.days);
      }),
    );
  });

  it('a range that is not a whole number of days is clipped to its fraction', () => {
    const { candidates } = find([5, 5], new Date(end.getTime() - 1.5 * DAY_MS));
    expect(candidates).toEqual([{ start: new Date('2023-03-30T12:00:00Z'), days: 1.5, sales: 10 }]);
  });
});

describe('the reason for a window', () => {
  const reasonOf = (sales: number[], policy = DEFAULT_POLICY) => {
    const rules = thresholdsOf(policy);
    return windowReason(rules, findDates(start, end, sales, rules));
  };

  it.each([
    ['volume', 'enough sales', Array(90).fill(300), DEFAULT_POLICY],
    ['whole-range', 'too few sales', Array(90).fill(100), DEFAULT_POLICY],
    ['all', 'all requested', Array(90).fill(300), { ...DEFAULT_POLICY, window: 'all' as const }],
    ['all', 'no thresholds left', Array(90).fill(300), { ...DEFAULT_POLICY, windowThresholds: [] }],
  ])('%s: %s', (reason, _, sales: number[], policy) => {
    expect(reasonOf(sales, policy)).toBe(reason);
  });

  it('all is the whole range regardless of sales and thresholds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(100_000), { maxLength: 200 }),
        fc.integer({ min: 1, max: 200 }),
        (sales, days) => {
          const from = new Date(end.getTime() - days * DAY_MS);
          const { window } = findDates(from, end, sales, thresholdsOf({ ...DEFAULT_POLICY, window: 'all' }));
          expect(window.start).toEqual(from);
          expect(window.days).toBe(days);
        },
      ),
    );
  });
});
