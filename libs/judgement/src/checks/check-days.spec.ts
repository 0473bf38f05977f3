import { Random } from '@factory/simulator';
import { checkDays, limitsOfFirstModel, type DayCount } from './check-days';
import { DEFAULT_CHECK_LIMITS } from './check-rules';
import { findingsOf } from './finding';

const DAY_MS = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const HISTORY = 42;
const NEW_FROM = START + HISTORY * DAY_MS;
const WEEKDAYS = [1.3, 0.85, 0.85, 0.9, 0.95, 1, 1.15];

/** Over-dispersed days of a product: 8 % beyond Poisson. */
function simulateDays(seed: number, { visits = 500, rate = 0.03, days = HISTORY + 7 } = {}): DayCount[] {
  const random = new Random(seed, 'days');
  const binomial = (n: number, p: number): number =>
    Math.max(0, Math.min(n, Math.round(n * p + Math.sqrt(n * p * (1 - p)) * random.normal())));
  return Array.from({ length: days }, (_, at) => {
    const day = START + at * DAY_MS;
    const mean = visits * (WEEKDAYS[new Date(day).getUTCDay()] ?? 1) * Math.exp(0.08 * random.normal());
    const count = Math.max(0, Math.round(mean + Math.sqrt(mean) * random.normal()));
    return {
      day,
      visits: count,
      distinctVisits: count,
      goals: binomial(count, rate * Math.exp(0.1 * random.normal())),
      tables: { pages: binomial(count, 0.9), calls: binomial(count, 0.2) },
    };
  });
}

const find = (days: readonly DayCount[]) =>
  findingsOf(checkDays(days, NEW_FROM, DEFAULT_CHECK_LIMITS), DEFAULT_CHECK_LIMITS);
const codesOf = (days: readonly DayCount[]) => find(days).map(({ code }) => code);
/** Changes the new days. */
const change = (
  days: readonly DayCount[],
  to: (day: DayCount, at: number) => Partial<DayCount>,
): DayCount[] => days.map((day, at) => (at < HISTORY ? day : { ...day, ...to(day, at - HISTORY) }));
const none = (day: DayCount): Partial<DayCount> => ({
  visits: 0,
  distinctVisits: 0,
  goals: 0,
  tables: Object.fromEntries(Object.keys(day.tables).map((table) => [table, 0])),
});
const days = simulateDays(1);

describe('days of a product', () => {
  it('are let pass as long as they vary as they always did', () => {
    const stopped = Array.from({ length: 300 }, (_, seed) => codesOf(simulateDays(seed + 10)).length > 0);
    // 1 % allowed of 300; 8 or more would come by that in 1 of 80 cases.
    expect(stopped.filter(Boolean).length).toBeLessThan(8);
  });

  it('give tests that keep their level, without any limit on effects', () => {
    const falls = Array.from({ length: 400 }, (_, seed) =>
      checkDays(simulateDays(seed + 1000), NEW_FROM, DEFAULT_CHECK_LIMITS)
        .filter(({ code }) => code === 'rows-low' || code === 'rows-high' || code === 'goal-rate')
        .map(({ p }) => Number((p ?? 1) < 0.05)),
    ).flat();
    const share = falls.reduce((sum, one) => sum + one, 0) / falls.length;
    expect(share).toBeLessThan(0.07);
    // A test that never rejects would keep its level, too.
    expect(share).toBeGreaterThan(0.01);
  });

  it('are not taken for too many in a product of a few visits a day', () => {
    const stopped = Array.from({ length: 100 }, (_, seed) =>
      codesOf(simulateDays(seed, { visits: 6, rate: 0.1 })).filter((code) => code !== 'constant-label'),
    ).filter((found) => found.length > 0);
    expect(stopped.length).toBeLessThan(4);
  });

  it.each([
    [
      'rows-low',
      change(days, ({ visits }) => ({
        visits: Math.round(visits / 2),
        distinctVisits: Math.round(visits / 2),
      })),
    ],
    ['rows-high', change(days, ({ visits }) => ({ visits: visits * 2, distinctVisits: visits * 2 }))],
    ['missing-day', change(days, (day, at) => (at === 3 ? none(day) : {}))],
    ['stale-data', change(days, (day, at) => (at >= 4 ? none(day) : {}))],
    [
      'day-low',
      change(days, ({ visits }, at) =>
        at === 6 ? { visits: Math.round(visits / 8), distinctVisits: Math.round(visits / 8), goals: 1 } : {},
      ),
    ],
    ['goal-rate', change(days, ({ goals }) => ({ goals: Math.round(goals / 2) }))],
    ['goal-rate', change(days, ({ goals }) => ({ goals: goals * 2 }))],
    ['goal-outage', change(days, (_, at) => (at >= 4 ? { goals: 0 } : {}))],
    ['table-outage', change(days, ({ tables }, at) => (at === 2 ? { tables: { ...tables, calls: 0 } } : {}))],
    [
      'table-outage',
      change(days, ({ tables }) => ({
        tables: { ...tables, pages: Math.round((tables['pages'] ?? 0) / 2) },
      })),
    ],
    ['duplicate-visits', change(days, ({ visits }) => ({ distinctVisits: Math.round(visits * 0.8) }))],
    ['constant-label', days.map((day) => ({ ...day, goals: 0 }))],
    ['constant-label', days.map((day) => ({ ...day, goals: day.visits }))],
  ] as const)('are stopped by %s', (code, faulty) => {
    const found = find(faulty);
    expect(found.map((one) => one.code)).toContain(code);
    expect(found.find((one) => one.code === code)).toMatchObject({
      severity: 'stop',
      words: expect.stringMatching(/\.$/),
    });
  });

  it('are judged although the history has an outage of its own', () => {
    const marred = days.map((day, at) => (at >= 10 && at < 13 ? { ...day, ...none(day) } : day));
    expect(codesOf(marred)).toEqual([]);
    const halved = change(marred, ({ visits }) => ({
      visits: Math.round(visits / 2),
      distinctVisits: Math.round(visits / 2),
    }));
    expect(codesOf(halved)).toContain('rows-low');
  });

  it('say nothing of rhythm where there are fewer than two weeks before', () => {
    const short = days.slice(HISTORY - 13).map((day, at) => (at < 13 ? day : { ...day, ...none(day) }));
    expect(codesOf(short)).toEqual([]);
  });

  it('before the first visit are no history', () => {
    const started = (at: number) =>
      simulateDays(3).map((day, index) => (index < at ? { ...day, ...none(day) } : day));
    for (const at of [10, 20, 27]) expect(codesOf(started(at))).toEqual([]);
    expect(codesOf(change(started(20), (day, at) => (at === 3 ? none(day) : {})))).toContain('missing-day');
    expect(codesOf(change(started(30), (day, at) => (at === 3 ? none(day) : {})))).toEqual([]);
  });

  it('have rates of the visits that were looked up, and of those that can have the goal', () => {
    const some = days.map((day, at) => {
      const lookedUp = Math.round(day.visits / 5);
      const labelled = at === HISTORY + 6 ? Math.round(day.visits / 10) : day.visits;
      const goals = Math.round((day.goals * labelled) / day.visits);
      return { ...day, labelled, goals, lookedUp, tables: { pages: Math.round(lookedUp * 0.9) } };
    });
    expect(codesOf(some)).toEqual([]);
    const lost = change(some, ({ tables }, at) => (at === 2 ? { tables: { ...tables, pages: 0 } } : {}));
    expect(codesOf(lost)).toContain('table-outage');
  });

  it('of a first model warn, whatever they are', () => {
    const faulty = change(days, (day, at) =>
      at >= 4 ? none(day) : { goals: 0, tables: { pages: 0, calls: 0 } },
    );
    const limits = limitsOfFirstModel(DEFAULT_CHECK_LIMITS);
    const found = findingsOf(checkDays(faulty, NEW_FROM, limits), limits);
    expect(found.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['stale-data', 'goal-outage', 'table-outage']),
    );
    expect(found.filter(({ severity }) => severity === 'stop')).toEqual([]);
    expect(limits.checks['duplicate-visits'].severity).toBe('stop');
  });

  it('may be closed on Sundays', () => {
    const closed = days.map((day) => (new Date(day.day).getUTCDay() === 0 ? { ...day, ...none(day) } : day));
    expect(codesOf(closed)).toEqual([]);
  });
});
