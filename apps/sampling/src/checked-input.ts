import type { ArtefactRef } from '@factory/contracts';
import { BadInputError, BadInputsError, FactoryError, messageOf } from '@factory/domain';
import { getVerified, type ObjectStore } from '@factory/object-store';
import type { ResolvedFeatures, SourceReader, SourceSnapshot, VisitRange } from '@factory/source';
import { z } from 'zod';

/** One feature column as data-prep found it: `table.column`, and the type it is read as. */
export interface CheckedColumn {
  readonly column: string;
  /** Absent: it was checked by an earlier release. */
  readonly readAs?: 'number' | 'category' | undefined;
}

/** Lines of checks.json that sampling uses; other lines, including new ones, are ignored. */
const lines = z.array(
  z.object({
    check: z.string(),
    column: z.string().optional(),
    readAs: z.enum(['number', 'category']).optional(),
  }),
);

/** Number of visits to check, as in data-prep. */
const VISITS_LOOKED_AT = 50_000;

/** The feature columns for which data-prep found rows, from its stored report. */
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
 * The columns that were checked must still exist with the same type: otherwise nobody would notice the loss of a
 * column before the model is in force. New columns are read.
 *
 * @throws BadInputsError `missing-column`, or `feature-changed` if the column exists
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
    const todo = `restore it and request the run again, or exclude it and request the run again: ${what}`;
    const code = now === undefined ? 'missing-column' : 'feature-changed';
    return [{ code, field: `sources.${source}.features`, value: column, todo }];
  });
  if (refusals[0]) throw new BadInputsError(refusals[0].code, refusals);
}

/**
 * Tables without a row for any drawn visit are checked like in data-prep: with no row for any visit of the window,
 * they have been emptied since then, or are being filled.
 *
 * @param range training visits, the ones that data-prep checked
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
      todo: 'fill the table and request the run again: it had rows for visits when the input was checked, and has none now',
    });
  }
}
