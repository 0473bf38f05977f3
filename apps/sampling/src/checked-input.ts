import type { ArtefactRef } from '@factory/contracts';
import { BadInputError, BadInputsError, FactoryError, messageOf } from '@factory/domain';
import { getVerified, type ObjectStore } from '@factory/object-store';
import type { ResolvedFeatures, SourceReader, SourceSnapshot, VisitRange } from '@factory/source';
import { z } from 'zod';

/** What data-prep found of one feature column: `table.column`, and what it is read as. */
export interface CheckedColumn {
  readonly column: string;
  /** Absent: a release before this one checked it. */
  readonly readAs?: 'number' | 'category' | undefined;
}

/** Lines of checks.json that sampling looks at; others, and newer ones, are not its business. */
const lines = z.array(
  z.object({
    check: z.string(),
    column: z.string().optional(),
    readAs: z.enum(['number', 'category']).optional(),
  }),
);

/** Looks at as many visits as data-prep did. */
const VISITS_LOOKED_AT = 50_000;

/** The feature columns that data-prep found rows for, from the report that it stored. */
export async function checkedColumns(
  store: Pick<ObjectStore, 'get'>,
  checks: ArtefactRef,
): Promise<CheckedColumn[]> {
  const body = await getVerified(store, checks);
  try {
    return lines
      .parse(JSON.parse(body.toString('utf8')))
      .flatMap(({ check, column, readAs }) =>
        check === 'column-of-nulls' && column !== undefined ? [{ column, readAs }] : [],
      );
  } catch (cause) {
    throw new FactoryError('invalid-checks', `${checks.key} cannot be read: ${messageOf(cause)}`, false, {
      cause,
    });
  }
}

/**
 * The columns that the run was checked with are the ones that are read: what has gone, or has become something else,
 * since then would be missed by nobody before its model is in force. Columns that have come are read.
 *
 * @throws BadInputsError `missing-column`, or `feature-changed` where the column is there
 */
export function requireColumns(
  source: string,
  { tables, dropped }: ResolvedFeatures,
  checked: readonly CheckedColumn[],
): void {
  const found = new Map<string, string>(
    tables.flatMap(({ columns }) =>
      columns.map(({ table, column, kind }) => [`${table}.${column}`, kind] as const),
    ),
  );
  const reasons = new Map<string, string>(dropped.map(({ column, reason }) => [column, reason]));
  const refusals = checked.flatMap(({ column, readAs }) => {
    const kind = found.get(column);
    if (kind !== undefined && (readAs === undefined || readAs === kind)) return [];
    const reason = reasons.get(column);
    const now = kind ?? reason;
    const what =
      now === undefined
        ? 'it was there when the input was checked'
        : `it was ${readAs ?? 'a feature'} when the input was checked and is ${now} now`;
    const todo = `restore it and ask for the run again, or leave it out and do so: ${what}`;
    const code = now === undefined ? 'missing-column' : 'feature-changed';
    return [{ code, field: `sources.${source}.features`, value: column, todo }];
  });
  if (refusals[0]) throw new BadInputsError(refusals[0].code, refusals);
}

/**
 * Tables without a row for any drawn visit are looked at as data-prep does: with no row for any visit of the window
 * they have been emptied since, or are being filled.
 *
 * @param range training visits, those that data-prep looked at
 * @throws BadInputError `empty-feature-table`
 */
export async function requireRows(
  reader: SourceReader,
  snapshot: SourceSnapshot,
  range: VisitRange,
  checked: readonly CheckedColumn[],
): Promise<void> {
  for (const table of snapshot.tablesWithoutRow) {
    const { missing, key } = table.definition;
    const had = table.columns.some((one) =>
      checked.some(({ column }) => column === `${one.table}.${one.column}`),
    );
    if (missing === 'zero' && !had) continue;
    const coverage = await reader.featureCoverage(table, range, VISITS_LOOKED_AT);
    if (coverage.withRow > 0) continue;
    throw new BadInputError('empty-feature-table', {
      field: `sources.${reader.definition.name}.features`,
      value: `${table.definition.table}.${key}`,
      todo: 'fill the table and ask for the run again: no visit has a row any more, as it had when the input was checked',
    });
  }
}
