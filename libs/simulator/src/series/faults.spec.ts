import { countSeries } from './count-series';
import { drawSeries } from './draw-series';
import { PLANTED_FAULTS } from './faults';
import { simulateSeries } from './simulate-series';

const DAY_MS = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const options = { seed: 7, startMs: START, days: 28, visitsADay: 300, baseRate: 0.05 };
const series = simulateSeries(options);
const END = START + options.days * DAY_MS;

describe('a series of visits', () => {
  it('is the same for the same seed', () => {
    expect(simulateSeries(options)).toEqual(series);
  });

  it('has the requested visits, base rate and returning visitors', () => {
    expect(Math.abs(series.rows / (300 * 28) - 1)).toBeLessThan(0.15);
    const goals = series.labels.reduce((sum, label) => sum + label, 0);
    expect(Math.abs(goals / series.rows / 0.05 - 1)).toBeLessThan(0.25);
    expect(series.rows / new Set(series.visitorIds).size).toBeGreaterThan(1.5);
  });

  it('has days that differ more than by chance', () => {
    const days = countSeries(series, START, END);
    const mondays = days.filter(({ day }) => new Date(day).getUTCDay() === 1).map(({ visits }) => visits);
    const all = days.map(({ visits }) => visits);
    expect(Math.max(...all) / Math.min(...all)).toBeGreaterThan(1.4);
    expect(mondays).toHaveLength(4);
    expect(days.reduce((sum, { visits }) => sum + visits, 0)).toBe(series.rows);
  });

  it('represents all visits after the draw', () => {
    const drawn = drawSeries(series, { from: START, to: END, trainEnd: END - 7 * DAY_MS, seed: 's' });
    const weight = drawn.weights.reduce((sum, one) => sum + one, 0);
    expect(weight).toBeCloseTo(series.rows, 6);
    expect(drawn.rows).toBe(9 * series.labels.reduce((sum, label) => sum + label, 0));
  });
});

describe('planted faults', () => {
  const days = { from: END - 7 * DAY_MS, to: END };

  it('are at least twenty, each with a unique name', () => {
    expect(PLANTED_FAULTS.length).toBeGreaterThanOrEqual(20);
    expect(new Set(PLANTED_FAULTS.map(({ name }) => name)).size).toBe(PLANTED_FAULTS.length);
  });

  it.each(PLANTED_FAULTS.map((fault) => [fault.name, fault] as const))(
    '%s changes the series',
    (_, fault) => {
      const faulty = fault.plant(series, days);
      expect(faulty).not.toEqual(series);
      for (const column of faulty.features)
        expect(column.kind === 'number' ? column.values : column.codes).toHaveLength(faulty.rows);
      for (const values of [
        faulty.labels,
        faulty.visitIds,
        faulty.visitorIds,
        faulty.visitTimes,
        faulty.marks,
      ])
        expect(values).toHaveLength(faulty.rows);
    },
  );

  it('do not change the days before, unless they say so', () => {
    for (const { what, plant } of PLANTED_FAULTS) {
      if (what.endsWith('before as well') || what.endsWith('has the goal, before as well')) continue;
      const before = countSeries(plant(series, days), START, days.from);
      expect(before).toEqual(countSeries(series, START, days.from));
    }
  });
});
