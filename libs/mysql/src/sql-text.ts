/** Values that may be bound to a `?`: whole numbers are sent as BIGINT, other numbers as DOUBLE. */
export type SqlValue = string | number | bigint | null;

/** A piece of SQL with its bound values, in the order of its question marks. */
export interface SqlText {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/**
 * Builds SQL so that a value can only become a bound `?`, and only another `SqlText` can become text.
 *
 * @example sql`SELECT * FROM ${identifier('visit')} WHERE id = ${7}`
 */
export function sql(strings: TemplateStringsArray, ...parts: readonly (SqlText | SqlValue)[]): SqlText {
  let text = strings[0] ?? '';
  const values: SqlValue[] = [];
  parts.forEach((part, at) => {
    if (isSqlText(part)) {
      text += part.text;
      values.push(...part.values);
    } else {
      text += '?';
      values.push(part);
    }
    text += strings[at + 1] ?? '';
  });
  return { text, values };
}

/**
 * The only place where an identifier becomes SQL: in backticks, with inner backticks doubled; `db.table` as two
 * parts.
 */
export function identifier(...path: readonly string[]): SqlText {
  return { text: path.map((name) => `\`${name.replaceAll('`', '``')}\``).join('.'), values: [] };
}

/** Joins pieces by `separator`, which must be a constant of ours. */
export function joinSql(pieces: readonly SqlText[], separator: string): SqlText {
  return {
    text: pieces.map((piece) => piece.text).join(separator),
    values: pieces.flatMap((piece) => piece.values),
  };
}

function isSqlText(part: SqlText | SqlValue): part is SqlText {
  return typeof part === 'object' && part !== null && 'text' in part;
}
