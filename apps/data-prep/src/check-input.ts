import type { FeatureCoverage, ResolvedFeatureTable, SourceReader, VisitRange } from '@factory/source';
import type { InputCheck } from './input-check';

/** Number of visits of the window that the column checks read. */
const VISITS_LOOKED_AT = 50_000;

/**
 * Compares the source's declaration with the database's catalogue: one line per fault, or one line if everything
 * exists.
 */
export async function checkTables(reader: SourceReader, goal: string): Promise<InputCheck[]> {
  const faults = await reader.checkCatalogue(goal);
  const lines = faults.map(({ code, field, value, todo, severity }): InputCheck => ({
    check: code,
    column: field,
    figure: typeof value === 'string' ? value : JSON.stringify(value),
    limit: 'as declared in sources.yaml',
    result: severity === 'error' ? 'fail' : 'warn',
    note: todo,
  }));
  const errors = lines.filter((one) => one.result === 'fail').length;
  const summary: InputCheck = { check: 'catalogue', figure: errors, limit: 0, result: 'pass' };
  return errors === 0 ? [summary, ...lines] : lines;
}

/** A model can only learn from visits of both kinds; no goal at all counts as too few sales. */
export function checkLabels(goals: number, others: number): InputCheck[] {
  const constant = others === 0;
  return [
    {
      check: 'constant-label',
      figure: goals / (goals + others),
      limit: 'below 1',
      result: constant ? 'fail' : 'pass',
      ...(constant ? { note: 'every visit has the goal: correct its filters, or the visits table' } : {}),
    },
  ];
}

/** Checks the rows of the window's visits in the feature tables. */
export async function checkColumns(reader: SourceReader, range: VisitRange): Promise<InputCheck[]> {
  const { tables, dropped } = await reader.features();
  const checks: InputCheck[] = dropped.map(({ column, reason }) => ({
    check: 'not-a-feature',
    column,
    figure: reason,
    limit: 'numbers and categories',
    result: 'pass',
  }));
  for (const table of tables) {
    const coverage = await reader.featureCoverage(table, range, VISITS_LOOKED_AT);
    checks.push(tableCheck(table, coverage), ...columnChecks(table, coverage));
  }
  return checks;
}

/**
 * No row for any visit: with `missing: zero` the columns are constant and dropped, otherwise all values are
 * unknown.
 */
function tableCheck({ definition }: ResolvedFeatureTable, coverage: FeatureCoverage): InputCheck {
  const { table, key, missing, time } = definition;
  const share = coverage.visits === 0 ? 0 : coverage.withRow / coverage.visits;
  const line = { column: `${table}.${key}`, figure: share, limit: 'above 0' };
  if (share > 0) return { check: 'empty-feature-table', ...line, result: 'pass' };
  const none = time === undefined ? 'no visit has a row' : 'no visit has an event that counts before its cut';
  const later = time === undefined ? '' : ', use a later cut or a longer lookback';
  return missing === 'zero'
    ? {
        check: 'empty-feature-table',
        ...line,
        result: 'warn',
        note: `${none}: every number is 0 and will be dropped`,
      }
    : {
        check: 'empty-feature-table',
        ...line,
        result: 'fail',
        note: `${none}: fill the table, correct its key${later}, or declare missing: zero`,
      };
}

function columnChecks(
  { definition, columns }: ResolvedFeatureTable,
  coverage: FeatureCoverage,
): InputCheck[] {
  if (coverage.rows === 0) return [];
  return columns.map(({ column, name, kind }): InputCheck => {
    const share = (coverage.known.get(name) ?? 0) / coverage.rows;
    const line = { column: `${definition.table}.${column}`, figure: share, limit: 'above 0', readAs: kind };
    return share > 0
      ? { check: 'column-of-nulls', ...line, result: 'pass' }
      : {
          check: 'column-of-nulls',
          ...line,
          result: 'warn',
          note: 'it has no known value: it will be dropped',
        };
  });
}
