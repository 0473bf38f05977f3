import type { GoalsBeforeVisit } from '@factory/source';
import { checkGoalTimes } from './check-goal-times';

describe('goal rows before their visit', () => {
  test.each<[before: number, rows: number, effect: GoalsBeforeVisit['effect'], result: string]>([
    [0, 100, 'ignored', 'pass'],
    [5, 100, 'ignored', 'pass'],
    [6, 100, 'ignored', 'warn'],
    [100, 100, 'ignored', 'warn'],
    [6, 100, 'counts', 'warn'],
    [0, 1, 'counts', 'pass'],
    [1, 1, 'counts', 'warn'],
    [1, 20, 'ignored', 'pass'],
    [9, 10, 'leaves-out', 'warn'],
    [1, 19, 'ignored', 'warn'],
  ])('%i of %i rows, which %s: %s', (before, rows, effect, result) => {
    const [line] = checkGoalTimes([{ column: 'sale.sale_time', rows, before, effect }]);
    expect(line).toMatchObject({
      check: 'goal-before-visit',
      column: 'sale.sale_time',
      figure: `${before} of ${rows} rows`,
      result,
    });
    if (result === 'warn')
      expect(line?.note).toMatch(
        { counts: /count anyway/, ignored: /are not goals/, 'leaves-out': /is left out/ }[effect],
      );
    else expect(line?.note).toBeUndefined();
  });

  it('without any row there is no line', () => {
    expect(checkGoalTimes([{ column: 'sale.sale_time', rows: 0, before: 0, effect: 'counts' }])).toEqual([]);
  });
});
