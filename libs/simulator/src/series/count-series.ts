import type { Series } from './series';

const DAY_MS = 86_400_000;

/** Result of one grouped query of a source for a day (UTC). */
export interface SeriesDay {
  /** Midnight, milliseconds. */
  readonly day: number;
  readonly visits: number;
  readonly distinctVisits: number;
  readonly goals: number;
  /** Visits with a row, by feature table. */
  readonly tables: Readonly<Record<string, number>>;
}

/** Counts of every day from `from` to `to`, including days without visits. */
export function countSeries(series: Series, from: number, to: number): SeriesDay[] {
  const days = Math.round((to - from) / DAY_MS);
  const counts = Array.from({ length: days }, (_, at) => ({
    day: from + at * DAY_MS,
    visits: 0,
    ids: new Set<string>(),
    goals: 0,
    tables: new Map(series.tables.map(({ table }) => [table, 0])),
  }));
  for (let row = 0; row < series.rows; row++) {
    const one = counts[Math.floor(((series.visitTimes[row] ?? 0) - from) / DAY_MS)];
    if (!one) continue;
    one.visits++;
    one.ids.add(series.visitIds[row] ?? '');
    one.goals += series.labels[row] ?? 0;
    for (const { table, hasRow } of series.tables)
      one.tables.set(table, (one.tables.get(table) ?? 0) + (hasRow[row] ?? 0));
  }
  return counts.map(({ ids, tables, ...one }) => ({
    ...one,
    distinctVisits: ids.size,
    tables: Object.fromEntries(tables),
  }));
}
