import * as fc from 'fast-check';
import { expandGrid } from './grid';
import { drawTrials, epochsOfHalving, promoted, promotedCount, rungsOf, searchedTrials } from './search';
import type { Contender } from './select-winner';

const trial = (
  number: number,
  naturalValidationLogLoss: number | null,
  status: Contender['status'] = 'done',
  parameters = 100,
): Contender => ({ trial: number, naturalValidationLogLoss, parameters, status });

describe('the rungs of halving', () => {
  it.each([
    [50, [2, 6, 18, 50]],
    [54, [2, 6, 18, 54]],
    [55, [2, 6, 18, 54, 55]],
    [6, [2, 6]],
    [3, [2, 3]],
    [2, [2]],
    [1, [1]],
  ])('for %i epochs are %j', (epochs, rungs) => {
    expect(rungsOf(epochs)).toEqual(rungs);
  });

  it('let a third go on, rounded up: at least one', () => {
    expect([288, 24, 4, 3, 2, 1].map(promotedCount)).toEqual([96, 8, 2, 1, 1, 1]);
  });

  it.each([
    // 24 x 2 + 8 x 4 + 3 x 12 + 1 x 32
    [24, 50, 148],
    [1, 50, 50],
    [9, 6, 9 * 2 + 3 * 4],
    [5, 1, 5],
  ])('bound the cost of %i trials of %i epochs to %i epochs', (trials, epochs, cost) => {
    expect(epochsOfHalving(trials, epochs)).toBe(cost);
  });

  it('never cost more than the whole grid', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 200 }), (trials, epochs) => {
        expect(epochsOfHalving(trials, epochs)).toBeLessThanOrEqual(trials * epochs);
        expect(epochsOfHalving(trials, epochs)).toBeGreaterThanOrEqual(epochs);
      }),
    );
  });
});

describe('which trials go on', () => {
  const numbers = (contenders: Contender[]) => promoted(contenders).map((one) => one.trial);

  it.each([
    [
      'the third with the lowest loss',
      [trial(1, 0.5), trial(2, 0.1), trial(3, 0.4), trial(4, 0.2), trial(5, 0.3), trial(6, 0.6)],
      [2, 4],
    ],
    [
      'of equal losses the smaller network',
      [trial(1, 0.1, 'done', 300), trial(2, 0.1, 'done', 200), trial(3, 1)],
      [2],
    ],
    ['of equal losses and sizes the lower number', [trial(3, 0.1), trial(2, 0.1), trial(9, 0.1)], [2]],
    ['no replacement for one that diverged', [trial(1, null, 'diverged'), trial(2, 0.3), trial(3, 0.4)], [2]],
    ['none whose loss is not a finite number', [trial(1, NaN), trial(2, Infinity), trial(3, 9)], [3]],
    ['none if all failed', [trial(1, null, 'failed'), trial(2, null, 'crashed')], []],
    ['none of none', [], []],
  ])('is %s', (_rule, contenders, expected) => {
    expect(numbers(contenders)).toEqual(expected);
  });

  it('does not depend on the order in which they arrived', () => {
    const losses = fc.array(fc.constantFrom(0.1, 0.2, 0.3, NaN), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(losses, (drawn) => {
        const contenders = drawn.map((loss, index) => trial(index + 1, loss));
        expect(numbers([...contenders].reverse())).toEqual(numbers(contenders));
      }),
    );
  });
});

describe('a random search', () => {
  const grid = expandGrid('standard');

  it.each([
    ['random', 0, 8],
    ['random', 5, 5],
    ['random', 1000, 24],
    ['grid', 5, 24],
    ['asha', 5, 24],
  ] as const)(
    '%s with searchTrials %i turns 24 combinations into %i trials',
    (search, searchTrials, trials) => {
      expect(searchedTrials(24, { search, searchTrials })).toBe(trials);
    },
  );

  it.each([
    [0, 8],
    [5, 5],
    [24, 24],
    [1000, 24],
  ])('asked for %i of 24 draws %i distinct ones, in the order of the grid', (count, drawn) => {
    const drawnTrials = drawTrials(grid, count, 'shop');
    expect(drawnTrials).toHaveLength(drawn);
    expect(drawnTrials).toEqual(grid.filter((one) => drawnTrials.includes(one)));
  });

  it('draws the same for the same seed in any order of the grid, and others for another seed', () => {
    expect(drawTrials([...grid].reverse(), 8, 'shop')).toEqual(drawTrials(grid, 8, 'shop'));
    expect(drawTrials(grid, 8, 'other')).not.toEqual(drawTrials(grid, 8, 'shop'));
  });

  it('keeps those drawn before when more are requested', () => {
    const more = drawTrials(grid, 12, 'shop');
    expect(more).toEqual(expect.arrayContaining(drawTrials(grid, 8, 'shop')));
  });

  it('draws each about equally often over many seeds', () => {
    const counts = new Map<number, number>();
    for (let seed = 0; seed < 600; seed++)
      for (const { trial } of drawTrials(grid, 8, `seed-${seed}`))
        counts.set(trial, (counts.get(trial) ?? 0) + 1);
    // binomial(600, 1/3): five standard deviations of 11.5 about 200
    for (const { trial } of grid) expect(Math.abs((counts.get(trial) ?? 0) - 200)).toBeLessThan(58);
  });
});
