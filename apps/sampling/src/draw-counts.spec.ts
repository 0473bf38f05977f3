import { DEFAULT_POLICY, priorShift } from '@factory/domain';
import fc from 'fast-check';
import {
  drawnClass,
  scaleOfDays,
  wantedForOutOfTime,
  wantedForTraining,
  wantedOthersOfDay,
} from './draw-counts';

describe('the training part', () => {
  it('rules R6: 1M visits, 10,000 sales draw 80,000 others; f1 = 1, f0 = 80,000/990,000, shift -2.5157', () => {
    const wanted = wantedForTraining({ goals: 10_000, others: 990_000 }, DEFAULT_POLICY);
    expect(wanted).toEqual({ goals: 10_000, others: 80_000 });
    const f1 = drawnClass(10_000, wanted.goals).fraction;
    const f0 = drawnClass(990_000, wanted.others).fraction;
    expect([f1, f0]).toEqual([1, 80_000 / 990_000]);
    expect(priorShift(f1, f0)).toBeCloseTo(-2.5157, 4);
    expect(wanted.goals / (wanted.goals + wanted.others)).toBeCloseTo(0.111, 3);
  });

  test.each([
    [
      { goals: 100_001, others: 5_000_000 },
      { goals: 100_000, others: 800_000 },
    ],
    [
      { goals: 500, others: 3_999 },
      { goals: 500, others: 3_999 },
    ],
    [
      { goals: 500, others: 4_001 },
      { goals: 500, others: 4_000 },
    ],
    [
      { goals: 0, others: 1_000 },
      { goals: 0, others: 0 },
    ],
  ])('%j draws %j', (population, wanted) => {
    expect(wantedForTraining(population, DEFAULT_POLICY)).toEqual(wanted);
  });
});

describe('the out-of-time part', () => {
  test.each([
    [
      { goals: 20_001, others: 200_001 },
      { goals: 20_000, others: 200_000 },
    ],
    [
      { goals: 100, others: 199_900 },
      { goals: 100, others: 199_900 },
    ],
  ])('%j draws %j: each class at its own rate', (population, wanted) => {
    expect(wantedForOutOfTime(population, DEFAULT_POLICY)).toEqual(wanted);
  });
});

describe('a de-trended day', () => {
  test.each([
    [{ drawnGoals: 3, others: 1_000 }, 24],
    [{ drawnGoals: 3, others: 20 }, 20],
    [{ drawnGoals: 0, others: 1_000 }, 0],
  ])('%j draws %i others', (day, others) => {
    expect(wantedOthersOfDay(day, DEFAULT_POLICY)).toBe(others);
  });
});

describe('de-trended days without goals', () => {
  const dayOf = fc.record({
    population: fc.integer({ min: 0, max: 5_000 }),
    drawnGoals: fc.integer({ min: 0, max: 40 }),
  });

  it('are represented by the other days: weights add up to the population for any days', () => {
    fc.assert(
      fc.property(fc.array(dayOf, { minLength: 1, maxLength: 120 }), (all) => {
        const days = all.map(({ population, drawnGoals }) =>
          drawnClass(population, wantedOthersOfDay({ drawnGoals, others: population }, DEFAULT_POLICY)),
        );
        const drawn = days.filter((day) => day.drawn > 0);
        fc.pre(drawn.length > 0);
        const weighted = drawn.reduce((sum, day) => sum + (day.drawn * scaleOfDays(days)) / day.fraction, 0);
        expect(weighted).toBeCloseTo(
          all.reduce((sum, one) => sum + one.population, 0),
          4,
        );
      }),
    );
  });

  test.each([
    ['none', [drawnClass(100, 8), drawnClass(50, 50)], 1],
    ['a day of a hundred others and a day of three hundred', [drawnClass(300, 8), drawnClass(100, 0)], 4 / 3],
    ['a day without visits changes nothing', [drawnClass(300, 8), drawnClass(0, 0)], 1],
    ['all', [drawnClass(300, 0)], 1],
  ])('%s: weights are multiplied', (_, days, scale) => {
    expect(scaleOfDays(days)).toBe(scale);
  });
});

describe('fractions', () => {
  it('weights add up to the population', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e7 }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (all, share) => {
          const { drawn, fraction } = drawnClass(all, Math.ceil(all * share));
          expect(drawn / fraction).toBeCloseTo(all, 5);
        },
      ),
    );
  });

  it('an empty class counts as drawn completely', () => {
    expect(drawnClass(0, 0)).toEqual({ population: 0, drawn: 0, fraction: 1 });
  });
});
