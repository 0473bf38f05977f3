import type { FilterMatches } from '@factory/source';
import type { InputCheck } from './input-check';

/** With fewer goal rows, a filter that none passes may be chance. */
const FEWEST_ROWS = 20;

/**
 * How many goal rows pass each filter of the goal, in the window. If none or all pass, the declared values usually
 * do not match the values of the column, and the model would learn something other than intended.
 *
 * @param minSales with fewer goal rows the run is skipped anyway
 */
export function checkFilters(matches: readonly FilterMatches[], minSales: number): InputCheck[] {
  return matches.map((one): InputCheck => {
    const line = {
      check: 'goal-filter',
      column: one.column,
      figure: `${one.condition}: ${one.passed} of ${one.rows} rows`,
      limit: one.mayPassAll ? 'more than none' : 'more than none, fewer than all',
    };
    if (one.passed === 0 && one.rows >= Math.min(FEWEST_ROWS, minSales))
      return {
        ...line,
        result: 'fail',
        note: 'no row passes: compare the declared values with the values in the column',
      };
    if (one.passed === one.rows && !one.mayPassAll && one.rows >= minSales)
      return {
        ...line,
        result: 'fail',
        note:
          'every row passes, so it filters nothing: compare the declared values with the values in the column, ' +
          'remove the filter, or add matchesAll: allowed to it if that is intended',
      };
    return { ...line, result: 'pass' };
  });
}
