import type { FilterMatches } from '@factory/source';
import type { InputCheck } from './input-check';

/** Below as many goal rows a filter that lets none through may be chance. */
const FEWEST_ROWS = 20;

/**
 * What each filter of the goal lets through, in the window. None of them or all of them means, as a rule, that the
 * declared values are not what the column holds, and the model would learn something else than was meant.
 *
 * @param minSales below as many goal rows the run is skipped anyway, and says so
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
        note: 'no row passes: compare the declared values with those that the column holds',
      };
    if (one.passed === one.rows && !one.mayPassAll && one.rows >= minSales)
      return {
        ...line,
        result: 'fail',
        note:
          'every row passes, so it filters nothing: compare the declared values with those that the column ' +
          'holds, remove the filter, or add matchesAll: allowed to it if that is as it should be',
      };
    return { ...line, result: 'pass' };
  });
}
