import { sql, type SqlText } from '@factory/mysql';

/**
 * Condition: a time is a day of the calendar. A server whose `sql_mode` allowed them holds `0000-00-00`, month or
 * day zero, and the 31st of February; as an instant they are nothing, and in a comparison they have some place.
 */
export function isReadable(time: SqlText): SqlText {
  return sql`COALESCE(DAYOFMONTH(${time}) BETWEEN 1 AND DAYOFMONTH(LAST_DAY(${time})), FALSE)`;
}

/** The time as the server shows it where it is not readable, else NULL. */
export function unreadableText(time: SqlText): SqlText {
  return sql`CASE WHEN NOT ${isReadable(time)} THEN COALESCE(CONVERT(${time} USING utf8mb4), 'NULL') END`;
}

/** As `unreadableText`, where a time may be unknown: NULL is nothing to be read. */
export function unreadableIfKnown(time: SqlText): SqlText {
  return sql`CASE WHEN ${time} IS NOT NULL THEN ${unreadableText(time)} END`;
}
