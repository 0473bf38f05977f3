import { checkFilters } from './check-filters';

const matches = (passed: number, rows: number, mayPassAll = false) => ({
  column: 'sale.state',
  condition: 'in [paid]',
  rows,
  passed,
  mayPassAll,
});

describe('a filter that no or every goal row passes', () => {
  test.each<[passed: number, rows: number, mayPassAll: boolean, result: string]>([
    [0, 783, false, 'fail'],
    [783, 783, false, 'fail'],
    [0, 783, true, 'fail'],
    [783, 783, true, 'pass'],
    [782, 783, false, 'pass'],
    [1, 783, false, 'pass'],
    [0, 20, false, 'fail'],
    [0, 19, false, 'pass'],
    [0, 0, false, 'pass'],
    [499, 499, false, 'pass'],
    [500, 500, false, 'fail'],
  ])('%i of %i rows, may pass all %s: %s', (passed, rows, mayPassAll, result) => {
    const [line] = checkFilters([matches(passed, rows, mayPassAll)], 500);
    expect(line).toMatchObject({
      check: 'goal-filter',
      column: 'sale.state',
      figure: `in [paid]: ${passed} of ${rows} rows`,
      result,
    });
    expect(line?.note === undefined).toBe(result === 'pass');
  });
});
