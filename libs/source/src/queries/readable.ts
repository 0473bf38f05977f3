import { sql, type SqlText } from '@factory/mysql';

/**
 * Condition: a time is a valid date. A server whose `sql_mode` allows them may contain `0000-00-00`, month or
 * day zero, and the 31st of February; they are no instant, yet comparisons order them somewhere.
 */
export function isReadable(time: SqlText): SqlText {
  return sql`COALESCE(DAYOFMONTH(${time}) BETWEEN 1 AND DAYOFMONTH(LAST_DAY(${time})), FALSE)`;
}

/** The time as text if it is not readable, otherwise NULL. */
export function unreadableText(time: SqlText): SqlText {
  return sql`CASE WHEN NOT ${isReadable(time)} THEN COALESCE(CONVERT(${time} USING utf8mb4), 'NULL') END`;
}

/** As `unreadableText` for a time that may be unknown: NULL is not an unreadable value. */
export function unreadableIfKnown(time: SqlText): SqlText {
  return sql`CASE WHEN ${time} IS NOT NULL THEN ${unreadableText(time)} END`;
}
