import { expandGrid, type NetworkSettings, type Trial } from '@factory/domain';
import * as fc from 'fast-check';
import { estimateSeconds, planTrials, roughRowsPerSecond } from './plan-trials';
import { specTrial } from './spec-trials';

/** Trials that take the given seconds: one row at one row per second, and that many epochs. */
const lasting = (...seconds: number[]): Trial[] =>
  seconds.map((epochs, index) => specTrial(index + 1, { epochs }));

const plan = (grid: readonly Trial[]) => planTrials(grid, { trainRows: 1, rowsPerSecond: () => 1 });

const numbers = (groups: Trial[][]) => groups.map((group) => group.map((one) => one.trial));

describe('planTrials', () => {
  it.each([
    ['fills a group to exactly two minutes', [60, 60], [[1, 2]]],
    ['starts a new group if the next second would be too much', [60, 61], [[2], [1]]],
    ['puts the longest first', [10, 100, 50], [[2, 1], [3]]],
    [
      'fills the room left by long trials with short ones',
      [100, 90, 30, 20],
      [
        [1, 4],
        [2, 3],
      ],
    ],
    ['puts a trial that is longer than a group into a separate group', [5, 500], [[2], [1]]],
    ['keeps the order of the grid among equals', [70, 70, 70], [[1], [2], [3]]],
    ['makes no empty group', [], []],
  ])('%s', (_rule, seconds, groups) => {
    expect(numbers(plan(lasting(...seconds)))).toEqual(groups);
  });

  it('holds for any grid: every trial once, no empty group, two minutes at most unless alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 60 }), (seconds) => {
        const grid = lasting(...seconds);
        const groups = plan(grid);
        expect(
          groups
            .flat()
            .map((one) => one.trial)
            .sort((a, b) => a - b),
        ).toEqual(grid.map((one) => one.trial));
        for (const group of groups) {
          expect(group.length).toBeGreaterThan(0);
          const sum = group.reduce((total, one) => total + one.settings.epochs, 0);
          expect(group.length === 1 || sum <= 120).toBe(true);
        }
        const longest = groups.map((group) => group[0]!.settings.epochs);
        expect(longest).toEqual([...longest].sort((a, b) => b - a));
      }),
    );
  });

  it('gives the same groups for any order of the grid', () => {
    const grid = expandGrid('full');
    const options = { trainRows: 40_000, rowsPerSecond: roughRowsPerSecond(60) };
    expect(planTrials([...grid].reverse(), options)).toEqual(planTrials(grid, options));
    expect(planTrials(grid, options).length).toBeGreaterThan(1);
  });
});

describe('the rough speed of an engine', () => {
  it('is lower for small batches and for large networks', () => {
    const options = { trainRows: 10_000, rowsPerSecond: roughRowsPerSecond(50) };
    const seconds = (changes: Partial<NetworkSettings>) =>
      estimateSeconds(specTrial(1, { node1: 64, node2: 32, epochs: 50, ...changes }), options);
    expect(seconds({ batchSize: 32 })).toBeGreaterThan(seconds({ batchSize: 256 }));
    expect(seconds({ node1: 128, node2: 64 })).toBeGreaterThan(seconds({ node1: 64, node2: 32 }));
    expect(seconds({ epochs: 100 })).toBeCloseTo(2 * seconds({ epochs: 50 }), 9);
    expect(seconds({ node1: 1, node2: 1 })).toBe((10_000 * 50) / 300_000);
  });
});
