import { daysOfRange, firstNewDay } from './days-of-range';

const DAY_MS = 86_400_000;
const visitsOf = (visits: number) => ({ visits, distinctVisits: visits, labelled: visits });
const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const rangeOf = (end: string, days: number, timeZone = 'UTC') => ({
  start: new Date(Date.parse(end) - days * DAY_MS),
  end: new Date(end),
  timeZone,
});

describe('the days of a range', () => {
  it('are ascending and without a gap, whatever was counted', () => {
    const range = rangeOf('2024-03-11T00:00:00Z', 4);
    const tables = [{ lookedUp: 2, tables: { pages: 1 } }];
    const days = daysOfRange({ goals: [1], visits: [visitsOf(5), visitsOf(0), visitsOf(7)], tables }, range);
    expect(days).toEqual([
      { day: Date.UTC(2024, 2, 7), ...visitsOf(0), goals: 0, lookedUp: 0, tables: {} },
      { day: Date.UTC(2024, 2, 8), ...visitsOf(7), goals: 0, lookedUp: 0, tables: {} },
      { day: Date.UTC(2024, 2, 9), ...visitsOf(0), goals: 0, lookedUp: 0, tables: {} },
      { day: Date.UTC(2024, 2, 10), ...visitsOf(5), goals: 1, lookedUp: 2, tables: { pages: 1 } },
    ]);
  });

  it('are whole: what is left at the start is none', () => {
    const range = { ...rangeOf('2024-03-11T00:00:00Z', 4), start: new Date('2024-03-07T01:00:00Z') };
    expect(daysOfRange({ goals: [], visits: [] }, range)).toHaveLength(3);
  });

  it.each([
    ['UTC', '2024-03-11T00:00:00Z', '2024-03-10'],
    ['Europe/Berlin', '2024-03-10T23:00:00Z', '2024-03-10'],
    ['America/Los_Angeles', '2024-03-11T07:00:00Z', '2024-03-10'],
    ['Pacific/Auckland', '2024-03-10T11:00:00Z', '2024-03-10'],
    ['UTC', '2024-03-11T03:00:00Z', '2024-03-10'],
  ])('have the date of %s that most of them are on: to %s is %s', (timeZone, end, date) => {
    const days = daysOfRange({ goals: [], visits: [] }, rangeOf(end, 30, timeZone));
    expect(dateOf(days.at(-1)!.day)).toBe(date);
    // The clocks change in this month in Los Angeles and Berlin.
    expect(new Set(days.map(({ day }) => day)).size).toBe(30);
  });
});

describe('the first new day', () => {
  const range = rangeOf('2024-04-29T22:00:00Z', 90, 'Europe/Berlin');
  const from = (end: string | undefined, within = range) =>
    dateOf(firstNewDay(within, end === undefined ? undefined : new Date(end)));

  it.each([
    ['2024-04-22T22:00:00Z', '2024-04-23'],
    // The champion ended at midnight in winter: that hour makes no new day.
    ['2024-03-25T23:00:00Z', '2024-03-26'],
    ['2024-04-29T22:00:00Z', '2024-04-30'],
    ['2024-05-20T22:00:00Z', '2024-04-30'],
    // At most the later half is new.
    ['2023-01-01T00:00:00Z', '2024-03-16'],
  ])('is after a champion’s data up to %s: %s', (end, first) => {
    expect(from(end)).toBe(first);
  });

  it('is seven days before the end without a champion, in a short range its middle', () => {
    expect(from(undefined)).toBe('2024-04-23');
    expect(from(undefined, rangeOf('2024-04-29T22:00:00Z', 8, 'Europe/Berlin'))).toBe('2024-04-26');
  });
});
