import { expandGrid, type Trial } from '@factory/domain';
import { planHalving } from './plan-halving';
import { planTrials, roughRowsPerSecond } from './plan-trials';
import { pausedBytes } from './trial-cost';
import { specTrial, specTrials } from './spec-trials';

const trials = (count: number) => specTrials(count, { epochs: 50 });

/** Seconds for all 50 epochs of a trial. */
const taking = (seconds: number) => ({ trainRows: seconds, rowsPerSecond: () => 50, width: 50 });
const sizes = (groups: Trial[][]) => groups.map((group) => group.length);

describe('planning groups to be halved', () => {
  it.each([
    // 24 trials of 50 epochs cost 148 epochs of 1,200: 24 x 40 s x 148 / 1200 = 118 s
    ['one group if the work after halving fits into two minutes', 24, 40, [24]],
    ['as many groups as two minutes require, nearly equal', 24, 41, [12, 12]],
    ['no group of fewer than nine because of time', 24, 5000, [12, 12]],
    ['one group of few trials, however long', 4, 5000, [4]],
    ['no empty group', 0, 1, []],
  ])('makes %s', (_rule, count, seconds, expected) => {
    expect(sizes(planHalving(trials(count), taking(seconds)))).toEqual(expected);
  });

  it('distributes long and short trials over the groups, each trial to exactly one', () => {
    const grid = trials(18).map(({ trial }) => specTrial(trial, { epochs: trial }));
    const groups = planHalving(grid, taking(50_000));
    expect(groups.map((group) => group.map((one) => one.trial))).toEqual([
      [18, 16, 14, 12, 10, 8, 6, 4, 2],
      [17, 15, 13, 11, 9, 7, 5, 3, 1],
    ]);
  });

  it('keeps the paused trials of a group within 128 MiB, however many groups that requires', () => {
    const wide = specTrials(24, { epochs: 50, node1: 1024, node2: 512 });
    // 2,001 x 1,024 + 1,025 x 512 + 513 parameters of 16 bytes are 41 MB: three per group
    const groups = planHalving(wide, { ...taking(1), width: 2000 });
    expect(sizes(groups)).toEqual(new Array(8).fill(3));
    expect(pausedBytes(wide[0]!, 2000)).toBe(16 * (2001 * 1024 + 1025 * 512 + 513));
  });

  it('needs fewer groups than training everything', () => {
    const options = { trainRows: 63_000, rowsPerSecond: roughRowsPerSecond(100), width: 100 };
    const grid = expandGrid('full');
    expect(planHalving(grid, options).length).toBeLessThan(planTrials(grid, options).length / 3);
    expect(planHalving([...grid].reverse(), options)).toEqual(planHalving(grid, options));
  });
});
