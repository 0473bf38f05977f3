import { NAME_PATTERN } from '@factory/domain';
import { DateTime } from 'luxon';
import { z } from 'zod';

const name = z.string().regex(NAME_PATTERN, 'use 1 to 40 characters of a-z, 0-9 and hyphen');
const column = z.string('name a column').min(1, 'name a column').max(64, 'name a column');
const table = z.string('name a table').min(1, 'name a table').max(64, 'name a table');
const scalar = z.union([z.string(), z.number(), z.boolean()], 'give text, a number, true or false');

/** From a millisecond, which is what times are told apart by, to thirty years. */
const seconds = (todo: string) => z.number(todo).min(0.001, todo).max(1e9, todo);

const filter = z
  .strictObject({
    column,
    /** The row counts when the column has one of these values. */
    in: z.array(scalar).min(1, 'give at least one value').optional(),
    /** The row counts when the column is known and has none of these values. */
    notIn: z.array(scalar).min(1, 'give at least one value').optional(),
    /** A filter that every goal row of the window passes ends the run, unless that is meant to happen. */
    matchesAll: z.literal('allowed', 'say allowed, or leave it out').optional(),
  })
  .refine((one) => (one.in === undefined) !== (one.notIn === undefined), 'give either in or notIn');

/** A goal by rows of a table: a visit has it when at least one row keyed to the visit counts. */
const rowGoal = z.strictObject({
  table,
  /** Column that holds the visit's id. */
  visit: column,
  /** When the goal was reached. */
  time: column,
  value: column.optional(),
  minimumValue: z.number('give a number').optional(),
  filters: z.array(filter).default([]),
  /**
   * 0 = within the visit: every row keyed to it counts; else rows in `[visit time, visit time + days)`. In a source
   * with a cut both begin at the visit's cut.
   */
  horizonDays: z.number('give days, 0 = within the visit').min(0, 'give 0 or more days').default(0),
});

/** A goal that is reached with any of several others. */
const anyGoal = z.strictObject({
  anyOf: z.array(name).min(2, 'name at least two goals'),
});

const featureTable = z.strictObject({
  table,
  /** Column that holds the visit's id; one row a visit unless `time` is given. */
  key: column,
  /** Only these columns; absent = all of the table. */
  columns: z.array(column).min(1, 'name at least one column, or leave columns out for all').optional(),
  exclude: z.array(column).default([]),
  /** Read as categories whatever their type: codes kept as integers. */
  categories: z.array(column).default([]),
  /** Read as numbers whatever their type: numbers kept as text. */
  numbers: z.array(column).default([]),
  /** What it means that a visit has no row: every number is 0, or everything is unknown (rules R3). */
  missing: z.enum(['zero', 'unknown'], 'say zero or unknown'),
  /**
   * Given: rows are events of the visit, several a visit. Those at or after the visit's cut never count (see
   * `observe`); of the others numbers are summed and categories take the last event's value.
   */
  time: column.optional(),
  /** Seconds before the visit's cut from which on events count; absent = from the visit's start. */
  lookback: seconds('give seconds before the cut, more than 0, or leave it out: from the start').optional(),
  /**
   * Of a table without `time`: what its rows were made from. `whole-visit` (also when absent) may hold what came
   * after the goal.
   */
  covers: z.enum(['before-visit', 'whole-visit'], 'say before-visit or whole-visit').optional(),
  /** Goes before each column's name in the dataset, for tables whose columns have the same names. */
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_]{1,30}$/, 'use 1 to 30 letters, digits and _')
    .default(''),
});

/**
 * How files of the source's visits are written, where that is not the default. `factory import` sets it, and
 * `factory score` reads by it; no service does.
 */
const csv = z.strictObject({
  /** Before the decimals. */
  decimal: z.enum(['.', ','], 'give . or ,').optional(),
  /** Between groups of digits. */
  thousands: z.enum([',', '.', ' ', "'", '_'], "give one of , . ' _ and blank").optional(),
  /** Marks for unknown beside those that are always known. */
  missing: z.array(z.string()).optional(),
  /** Columns of numbers in which everything else counts as unknown. */
  restMissing: z.array(column).optional(),
});

const source = z.strictObject({
  /** Name of the variable with the full connection string `mysql://user:password@host:port/database`. */
  connectionEnv: z
    .string('name an environment variable')
    .regex(/^[A-Z][A-Z0-9_]*$/, 'name an environment variable: A-Z, 0-9 and _'),
  /** Where the default end of a range is midnight. Times in the tables are UTC. */
  timeZone: z
    .string()
    .refine((zone) => DateTime.local({ zone }).isValid, 'use a zone of the IANA list, such as Europe/Berlin')
    .default('UTC'),
  products: z.strictObject({ table, id: column, active: column.optional() }),
  visits: z.strictObject({
    table,
    id: column,
    product: column,
    visitor: column.optional(),
    time: column,
    /**
     * Nobody knows when the visits were: `time` holds one instant for all. A run trains on every visit, whatever range
     * was asked for, and holds none back as out of time.
     */
    noTime: z.boolean('give true or false').optional(),
  }),
  defaultGoal: name,
  goals: z
    .record(name, z.union([rowGoal, anyGoal]))
    .refine((goals) => Object.keys(goals).length > 0, 'declare a goal'),
  features: z.array(featureTable).min(1, 'declare a feature table'),
  /**
   * The cut of every visit, for sources with event times (rules R3): so many seconds after its start. What comes
   * before it are features, what comes at or after it may be the goal.
   */
  observe: seconds("give seconds after the visit's start, more than 0, such as 300").optional(),
  /**
   * What becomes of values that cannot be read, such as `0000-00-00` where a time has to be: `refuse` (also when
   * absent) ends the run, `drop` leaves them out and counts them. A visit or goal row without its time is left out
   * whole, of a visitor or feature only the value.
   */
  unreadable: z.enum(['refuse', 'drop'], 'say refuse or drop').optional(),
  /** Instead of `observe`: the column of visits that holds the cut, found without looking at any goal. */
  cut: column.optional(),
  csv: csv.optional(),
});

export const sourcesSchema = z.strictObject({
  sources: z
    .record(name, source)
    .refine((sources) => Object.keys(sources).length > 0, 'declare at least one source'),
});

export type RowGoal = z.infer<typeof rowGoal>;
export type AnyGoal = z.infer<typeof anyGoal>;
export type GoalFilter = z.infer<typeof filter>;
export type FeatureTable = z.infer<typeof featureTable>;
/** A source as declared, with its name. */
export type SourceDefinition = z.infer<typeof source> & { readonly name: string };
