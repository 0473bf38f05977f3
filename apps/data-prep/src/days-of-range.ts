import type { DayCount } from '@factory/judgement';
import type { TableVisitsOfDay, VisitsOfDay } from '@factory/source';
import { DateTime } from 'luxon';

const DAY_MS = 86_400_000;
/** New days where no champion says from when on. */
const NEW_DAYS = 7;

/** Counts of a range by day back from its end, index 0 = the last 24 hours; a day that is absent has none. */
export interface CountsByDayBack {
  readonly goals: readonly number[];
  readonly visits: readonly VisitsOfDay[];
  /** Absent: not counted. */
  readonly tables?: readonly TableVisitsOfDay[];
}

interface Range {
  readonly start: Date;
  readonly end: Date;
  /** Of the source: days are named by its calendar. */
  readonly timeZone: string;
}

/**
 * The whole days of a range, ascending. They are 24 hours each and end when the range ends, so that neither a time zone
 * nor daylight saving makes one of them short; a rest at the range's start is left out.
 */
export function daysOfRange({ goals, visits, tables }: CountsByDayBack, range: Range): DayCount[] {
  const last = lastDay(range);
  return Array.from({ length: wholeDays(range) }, (_, dayBack): DayCount => {
    const { visits: all = 0, distinctVisits = 0, labelled = 0 } = visits[dayBack] ?? {};
    const found = tables?.[dayBack];
    return {
      day: last - dayBack * DAY_MS,
      visits: all,
      distinctVisits,
      labelled,
      goals: goals[dayBack] ?? 0,
      lookedUp: found?.lookedUp ?? 0,
      tables: found?.tables ?? {},
    };
  }).reverse();
}

/**
 * The first day that the product's history does not know yet: after the champion's data, at most the later half of the
 * range, so that there is a history. Without a champion the last seven days count as new.
 *
 * @param championEnd end of the champion's data, exclusive; undefined: there is none, or its end is not known
 * @returns midnight UTC of that day's date, as `DayCount.day`; after the last day if none is new
 */
export function firstNewDay(range: Range, championEnd: Date | undefined): number {
  const since = championEnd ? Math.round((range.end.getTime() - championEnd.getTime()) / DAY_MS) : NEW_DAYS;
  const fresh = Math.max(0, Math.min(since, Math.floor(wholeDays(range) / 2)));
  return lastDay(range) - (fresh - 1) * DAY_MS;
}

function wholeDays({ start, end }: Range): number {
  return Math.floor((end.getTime() - start.getTime()) / DAY_MS);
}

/** The date that the middle of the last 24 hours has in the source's zone, as midnight UTC. */
function lastDay({ end, timeZone }: Range): number {
  const { year, month, day } = DateTime.fromMillis(end.getTime() - DAY_MS / 2, { zone: timeZone });
  return Date.UTC(year, month - 1, day);
}
