import type { GoalsBeforeVisit } from '@factory/source';
import type { InputCheck } from './input-check';

/** Clocks may differ a little; a larger share has another cause. */
const MOST = 0.05;

const EFFECTS: Readonly<Record<GoalsBeforeVisit['effect'], string>> = {
  counts: 'these rows are before their visit and count anyway',
  ignored: 'these rows are before their visit and are not goals, so it counts as a visit without the goal',
  'leaves-out': 'these rows are before their visit, which is left out',
};

/** Goals before their visit: usually caused by days without a time, another time zone, or another visit's id. */
export function checkGoalTimes(found: readonly GoalsBeforeVisit[]): InputCheck[] {
  return found
    .filter((one) => one.rows > 0)
    .map(({ column, rows, before, effect }): InputCheck => {
      const line = {
        check: 'goal-before-visit',
        column,
        figure: `${before} of ${rows} rows`,
        limit: 'at most 5 % of the rows',
      };
      if (before <= MOST * rows) return { ...line, result: 'pass' };
      return {
        ...line,
        result: 'warn',
        note: `${EFFECTS[effect]}: use a column with the time of day, correct its time zone (UTC), or the column of visits`,
      };
    });
}
