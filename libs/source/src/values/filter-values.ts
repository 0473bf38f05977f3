import { BadInputError } from '@factory/domain';
import { joinSql, sql, type SqlText } from '@factory/mysql';
import type { Catalogue, CatalogueColumn } from '../catalogue/catalogue';
import type { GoalFilter, RowGoal } from '../declaration/sources-schema';

/** A value of a filter as written in sources.yaml. */
export type DeclaredValue = string | number | boolean;

/** A filter whose values have been checked against its column, so that the comparison is the intended one. */
export interface TypedFilter {
  readonly column: string;
  readonly negated: boolean;
  /** Bound values, cast if the server would otherwise convert them. */
  readonly values: readonly SqlText[];
  readonly declared: GoalFilter;
}

/** A goal by rows of a table, with its filters typed. */
export interface TypedGoal extends Omit<RowGoal, 'filters'> {
  readonly filters: readonly TypedFilter[];
}

/** What to write instead of a declared value that cannot be compared with its column. */
export interface ValueRefusal {
  readonly todo: string;
}

/** The declared values of a filter, in order. */
export function declaredValues(filter: GoalFilter): readonly DeclaredValue[] {
  return filter.in ?? filter.notIn ?? [];
}

/**
 * The goals with their filters typed by the catalogue.
 *
 * @throws BadInputError `wrong-filter-value` if a value does not match its column; the catalogue check names
 * all
 */
export function typedGoals(goals: readonly RowGoal[], catalogue: Catalogue): TypedGoal[] {
  return goals.map((goal) => {
    const minimum = minimumValueOf(goal, catalogue);
    return {
      ...goal,
      ...(minimum === undefined ? {} : { minimumValue: minimum }),
      filters: goal.filters.map((filter) => typedFilter(goal.table, filter, catalogue)),
    };
  });
}

function typedFilter(table: string, filter: GoalFilter, catalogue: Catalogue): TypedFilter {
  const type = catalogue.column(table, filter.column);
  const values = declaredValues(filter).map((value) => {
    const typed = type ? comparable(type, value) : { todo: 'name a column of the table' };
    if (!('todo' in typed)) return typed;
    throw new BadInputError('wrong-filter-value', {
      field: `${table}.${filter.column}`,
      value,
      todo: typed.todo,
    });
  });
  return { column: filter.column, negated: filter.in === undefined, values, declared: filter };
}

/** A FLOAT stores .7 as a number just below it: the limit is rounded in the same way. */
function minimumValueOf(goal: RowGoal, catalogue: Catalogue): number | undefined {
  if (goal.minimumValue === undefined || goal.value === undefined) return goal.minimumValue;
  return catalogue.column(goal.table, goal.value)?.dataType === 'float'
    ? Math.fround(goal.minimumValue)
    : goal.minimumValue;
}

/** Condition on a goal row `g`. A row whose column is NULL never counts. */
export function filterHolds(filter: TypedFilter, column: SqlText): SqlText {
  const values = joinSql(filter.values, ', ');
  return filter.negated ? sql`${column} NOT IN (${values})` : sql`${column} IN (${values})`;
}

/**
 * A declared value as SQL to compare the column with, by the column's own rules and using its index: text by
 * its collation (which decides on case and trailing blanks), numbers as numbers, times as times. Never by
 * MySQL's implicit conversions, by which 1 is the first word of an ENUM and every word equals 0.
 */
export function comparable(column: CatalogueColumn, value: DeclaredValue): SqlText | ValueRefusal {
  if (typeof value === 'boolean') {
    if (column.dataType === 'bit' ? bitsOf(column) === 1 : /^tinyint\(1\)/.test(column.type))
      return sql`${Number(value)}`;
    return { todo: `${column.type} holds no true and false: ${exampleOf(column, value)}` };
  }
  return (COMPARABLE.get(column.dataType) ?? unsupported)(column, value);
}

/** Whether values can be compared with the column at all. */
export function isComparable(column: CatalogueColumn): boolean {
  return COMPARABLE.has(column.dataType);
}

type Comparable = (column: CatalogueColumn, value: string | number) => SqlText | ValueRefusal;

const COMPARABLE: ReadonlyMap<string, Comparable> = new Map<string, Comparable>([
  ...['tinyint', 'smallint', 'mediumint', 'int', 'bigint'].map((type) => [type, wholeNumber] as const),
  ['year', year],
  ['bit', bits],
  ['decimal', decimal],
  ['float', (column, value) => number(column, value, Math.fround)],
  ['double', (column, value) => number(column, value, (one) => one)],
  ...['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext'].map((type) => [type, text] as const),
  ['enum', word],
  ['set', words],
  ['date', date],
  ['datetime', dateTime],
  ['timestamp', dateTime],
  ['time', time],
]);

const BITS = new Map([
  ['tinyint', 8],
  ['smallint', 16],
  ['mediumint', 24],
  ['int', 32],
  ['bigint', 64],
]);

function wholeNumber(column: CatalogueColumn, value: string | number): SqlText | ValueRefusal {
  if (typeof value === 'string') return mustBeNumber(column, value);
  const span = 2 ** (BITS.get(column.dataType) ?? 64);
  const unsigned = /unsigned/i.test(column.type);
  const lowest = unsigned ? 0 : -span / 2;
  const highest = Math.min((unsigned ? span : span / 2) - 1, Number.MAX_SAFE_INTEGER);
  if (Number.isSafeInteger(value) && value >= lowest && value <= highest) return sql`${value}`;
  return { todo: `give a whole number that ${column.type} can hold, up to ${highest}` };
}

function year(column: CatalogueColumn, value: string | number): SqlText | ValueRefusal {
  if (typeof value === 'string') return mustBeNumber(column, value);
  if (value === 0 || (Number.isInteger(value) && value >= 1901 && value <= 2155)) return sql`${value}`;
  return { todo: 'give a year of four digits' };
}

function bits(column: CatalogueColumn, value: string | number): SqlText | ValueRefusal {
  if (typeof value === 'string') return mustBeNumber(column, value);
  const highest = Math.min(2 ** bitsOf(column) - 1, Number.MAX_SAFE_INTEGER);
  if (Number.isSafeInteger(value) && value >= 0 && value <= highest) return sql`${value}`;
  return { todo: `give a whole number from 0 to ${highest}` };
}

function decimal(column: CatalogueColumn, value: string | number): SqlText | ValueRefusal {
  if (typeof value === 'string') return mustBeNumber(column, value);
  const [, digits = '65', scale = '0'] = /\((\d+)(?:,(\d+))?\)/.exec(column.type) ?? [];
  const places = Number(scale);
  const fits = Math.abs(value) < Math.min(1e21, 10 ** (Number(digits) - places));
  const exact = fits && Number(value.toFixed(places)) === value;
  if (!exact) return { todo: `give a number that ${column.type} can hold: no row can have this one` };
  const type: SqlText = { text: `DECIMAL(${Number(digits)}, ${places})`, values: [] };
  return sql`CAST(${value.toFixed(places)} AS ${type})`;
}

function number(
  column: CatalogueColumn,
  value: string | number,
  rounded: (value: number) => number,
): SqlText | ValueRefusal {
  return typeof value === 'string' ? mustBeNumber(column, value) : sql`${rounded(value)}`;
}

function text(column: CatalogueColumn, value: string | number): SqlText | ValueRefusal {
  if (canHold(column.charset, String(value))) return sql`${String(value)}`;
  return {
    todo: `give a word of the character set ${column.charset}: no row of ${column.type} can have this one`,
  };
}

/** MySQL's latin1 is windows-1252. */
const LATIN1 = new Set(
  new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 256 }, (_, at) => at)),
);

/** Whether a character set has all characters of a text; true for character sets that are not checked. */
function canHold(charset: string | null, value: string): boolean {
  const characters = [...value];
  switch (charset) {
    case 'ascii':
      return characters.every((one) => one.charCodeAt(0) < 128);
    case 'latin1':
      return characters.every((one) => LATIN1.has(one));
    case 'utf8':
    case 'utf8mb3':
      return characters.every((one) => one.length === 1);
    default:
      return true;
  }
}

/** A word of an ENUM. The server would interpret any other value as an index. */
function word(column: CatalogueColumn, value: string | number): SqlText | ValueRefusal {
  const known = wordsOf(column);
  const found = sameWord(column, known, String(value));
  if (found !== undefined) return sql`${found}`;
  return { todo: `use one of the words of ${column.type}` };
}

/** The text of a SET: its words in the order of the definition, joined by commas. */
function words(column: CatalogueColumn, value: string | number): SqlText | ValueRefusal {
  const known = wordsOf(column);
  const parts = value === '' ? [] : String(value).split(',');
  const found = parts.map((part) => sameWord(column, known, part));
  const places = found.map((part) => (part === undefined ? -1 : known.indexOf(part)));
  const inOrder = places.every((place, at) => place >= 0 && place > (places[at - 1] ?? -1));
  if (inOrder) return sql`${found.join(',')}`;
  return { todo: `write all words of the row, in the order of ${column.type}, separated by commas` };
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const DATE_TIME = /^(\d{4}-\d\d-\d\d)(?:[ T]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d(?:\.\d{1,6})?))?)?$/;
const TIME = /^-?\d{2,3}:[0-5]\d:[0-5]\d(?:\.\d{1,6})?$/;
const ZERO_DATE = '0000-00-00';

function date(column: CatalogueColumn, value: string | number): SqlText | ValueRefusal {
  if (typeof value === 'string' && isDate(value)) return sql`CAST(${value} AS DATE)`;
  return { todo: `give a valid date as 'YYYY-MM-DD': ${column.type} holds dates` };
}

function dateTime(column: CatalogueColumn, value: string | number): SqlText | ValueRefusal {
  const [, day, hours = '00', minutes = '00', seconds = '00'] = DATE_TIME.exec(String(value)) ?? [];
  if (typeof value === 'string' && day !== undefined && isDate(day))
    return sql`CAST(${`${day} ${hours}:${minutes}:${seconds}`} AS DATETIME(6))`;
  return { todo: `give a valid time as 'YYYY-MM-DD HH:MM:SS', UTC: ${column.type} holds times` };
}

/**
 * Bound as text first: MySQL interprets a parameter of CAST .. AS TIME as a date, and '10:00:00' as midnight.
 */
function time(column: CatalogueColumn, value: string | number): SqlText | ValueRefusal {
  if (typeof value === 'string' && TIME.test(value)) return sql`CAST(CAST(${value} AS CHAR) AS TIME(6))`;
  return { todo: `give 'HH:MM:SS': ${column.type} holds times of day` };
}

/** A valid date, or the zero date that some tables store instead of NULL. */
function isDate(value: string): boolean {
  const [, years, months, days] = DATE.exec(value) ?? [];
  if (value === ZERO_DATE) return true;
  const day = new Date(`${years}-${months}-${days}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

function unsupported(column: CatalogueColumn): ValueRefusal {
  return {
    todo: `${column.type} has no text to compare with: filter by another column, or by a view that returns its text`,
  };
}

function mustBeNumber(column: CatalogueColumn, value: string): ValueRefusal {
  const meant = value.trim() === '' ? NaN : Number(value);
  if (Number.isFinite(meant) && !isExact(value.trim(), meant))
    return {
      todo: `filter by another column, or by a view: ${value.trim()} has more digits than can be declared (whole numbers end at 2^53)`,
    };
  const write = Number.isFinite(meant) ? `write ${meant} without quotes` : 'give a number';
  return { todo: `${write}: ${column.type} holds numbers` };
}

/** Whether a number is read exactly as written: one with more digits than a double has is not. */
function isExact(written: string, read: number): boolean {
  const digits = (text: string): string =>
    text
      .replace(/^[-+]/, '')
      .replace(/^0+(?=\d)/, '')
      .replace(/\.0*$|(\.\d*?)0+$/, '$1')
      .replace(/^\./, '0.');
  const plain = /^[-+]?(?:\d+\.?\d*|\.\d+)$/;
  if (!plain.test(written)) return true;
  return Number.isSafeInteger(Math.trunc(read)) && digits(written) === digits(String(read));
}

function exampleOf(column: CatalogueColumn, value: boolean): string {
  if (column.kind === 'integer' || column.kind === 'number') return 'give a number';
  return `put the word in quotes, as in "${value}", if the column holds it`;
}

/** Number of bits of a BIT column. */
export function bitsOf(column: Pick<CatalogueColumn, 'type'>): number {
  return Number(/^bit\((\d+)\)/i.exec(column.type)?.[1] ?? 1);
}

/** The words of an ENUM or SET, from its definition. */
export function wordsOf(column: Pick<CatalogueColumn, 'type'>): string[] {
  return [...column.type.matchAll(/'((?:[^'\\]|''|\\.)*)'/gs)].map(([, quoted = '']) =>
    quoted.replaceAll("''", "'").replace(/\\(.)/gs, (_, one: string) => ESCAPES.get(one) ?? one),
  );
}

const ESCAPES = new Map([
  ['0', '\0'],
  ['n', '\n'],
  ['r', '\r'],
]);

/**
 * The word that the column considers equal to `wanted`: exactly, otherwise ignoring case and trailing blanks.
 */
function sameWord(column: CatalogueColumn, known: readonly string[], wanted: string): string | undefined {
  if (known.includes(wanted)) return wanted;
  if (column.collation === null || /_(bin|cs)$/i.test(column.collation)) return undefined;
  const folded = (one: string): string => one.trimEnd().toLowerCase();
  return known.find((one) => folded(one) === folded(wanted));
}
