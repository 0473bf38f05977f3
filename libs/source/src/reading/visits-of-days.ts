import type { Statements } from '../access/statements';
import type { Catalogue } from '../catalogue/catalogue';
import type { SourceDefinition } from '../declaration/sources-schema';
import { countTableVisitsByDay, countUnindexedTableVisitsByDay } from '../queries/count-table-visits-by-day';
import { countVisitsByDay } from '../queries/count-visits-by-day';
import type { VisitRange } from '../queries/goal-visits';

const HASHES = 2 ** 52;

/** Visits of a day of 24 hours. */
export interface VisitsOfDay {
  readonly visits: number;
  readonly distinctVisits: number;
  /** Visits whose goals can all have occurred, see `VisitRange.latestCut`. */
  readonly labelled: number;
}

/** How many visits of a day have a row in each feature table. */
export interface TableVisitsOfDay {
  /** Visits that were looked up. */
  readonly lookedUp: number;
  readonly tables: Readonly<Record<string, number>>;
}

/** Visits of a range: index k = `[end - (k + 1) days, end - k days)`. */
export async function visitsOfDays(
  statements: Statements,
  source: SourceDefinition,
  catalogue: Catalogue,
  range: VisitRange,
): Promise<VisitsOfDay[]> {
  const { table, id } = source.visits;
  const rows = await statements.all(countVisitsByDay(source, range, catalogue.isUnique(table, id)));
  return byDayBack(rows, ([, visits, distinctVisits, labelled]) => ({ visits, distinctVisits, labelled }), {
    visits: 0,
    distinctVisits: 0,
    labelled: 0,
  });
}

/**
 * Visits of a range with a row in each feature table, by day as `visitsOfDays`.
 *
 * @param visits `share`: of the visits that are looked up, chosen by hash of their ids
 */
export async function tableVisitsOfDays(
  statements: Statements,
  source: SourceDefinition,
  catalogue: Catalogue,
  { range, share }: { readonly range: VisitRange; readonly share: number },
): Promise<TableVisitsOfDay[]> {
  const visits = { range, below: share < 1 ? Math.ceil(share * HASHES) : undefined };
  const isIndexed = ({ table, key }: (typeof source.features)[number]) => catalogue.isIndexed(table, key);
  const indexed = source.features.filter(isIndexed);
  const rows = await statements.all(countTableVisitsByDay(source, indexed, visits));
  const days = byDayBack(
    rows,
    ([, lookedUp, ...counts]): TableVisitsOfDay => ({
      lookedUp,
      tables: Object.fromEntries(indexed.map(({ table }, at) => [table, counts[at] ?? 0])),
    }),
    { lookedUp: 0, tables: {} },
  );
  for (const table of source.features.filter((one) => !isIndexed(one))) {
    const found = await statements.all(countUnindexedTableVisitsByDay(source, table, visits));
    const counts = new Map(found);
    days.forEach((day, at) => {
      days[at] = { ...day, tables: { ...day.tables, [table.table]: counts.get(at) ?? 0 } };
    });
  }
  return days;
}

/** @param none of a day without a row */
function byDayBack<Row extends readonly [number, ...number[]], Day>(
  rows: readonly Row[],
  dayOf: (row: Row) => Day,
  none: Day,
): Day[] {
  const days: Day[] = [];
  for (const row of rows) days[row[0]] = dayOf(row);
  return Array.from(days, (day) => day ?? none);
}
