import { NAME_PATTERN } from '@factory/domain';
import { DateTime } from 'luxon';
import { z } from 'zod';

const name = z.string().regex(NAME_PATTERN, 'use 1 to 40 characters of a-z, 0-9 and hyphen');
const column = z.string('name a column').min(1, 'name a column').max(64, 'name a column');
const table = z.string('name a table').min(1, 'name a table').max(64, 'name a table');
const scalar = z.union([z.string(), z.number(), z.boolean()], 'give text, a number, true or false');

/** From a millisecond, the resolution of times, to thirty years. */
const seconds = (todo: string) => z.number(todo).min(0.001, todo).max(1e9, todo);

const filter = z
  .strictObject({
    column,
    /** The row counts when the column has one of these values. */
    in: z.array(scalar).min(1, 'give at least one value').optional(),
    /** The row counts when the column is known and has none of these values. */
    notIn: z.array(scalar).min(1, 'give at least one value').optional(),
    /** A filter that all goal rows of the window pass ends the run, unless this is set. */
    matchesAll: z.literal('allowed', 'write allowed, or leave it out').optional(),
  })
  .refine((one) => (one.in === undefined) !== (one.notIn === undefined), 'give either in or notIn');

const words = z
  .string('give a text')
  .trim()
  .min(1, 'give a text, or leave it out')
  .max(500, 'give at most 500 characters');

/** What people should know of the goal's models: it is repeated on the model card. */
const about = z.strictObject({
  /** What the scores are for. */
  purpose: words.optional(),
  /** Who uses them. */
  users: words.optional(),
  /** What a goal is worth, or what a decision by the scores brings. */
  value: words.optional(),
  /** What has to be so for the scores to be right. */
  assumptions: words.optional(),
});

/** A goal by rows of a table: a visit has it if at least one of the visit's rows counts. */
const rowGoal = z.strictObject({
  table,
  /** Column with the visit's id. */
  visit: column,
  /** When the goal was reached. */
  time: column,
  value: column.optional(),
  minimumValue: z.number('give a number').optional(),
  filters: z.array(filter).default([]),
  /**
   * 0 = within the visit: all its rows count; otherwise rows in `[visit time, visit time + days)`. In a source
   * with a cut both begin at the visit's cut.
   */
  horizonDays: z.number('give days, 0 = within the visit').min(0, 'give 0 or more days').default(0),
  about: about.optional(),
});

/** A goal that is reached with any of several other goals. */
const anyGoal = z.strictObject({
  anyOf: z.array(name).min(2, 'name at least two goals'),
  about: about.optional(),
});

const featureTable = z.strictObject({
  table,
  /** Column with the visit's id; one row per visit unless `time` is given. */
  key: column,
  /** Only these columns; absent = all columns of the table. */
  columns: z.array(column).min(1, 'name at least one column, or leave columns out for all').optional(),
  exclude: z.array(column).default([]),
  /** Columns read as categories whatever their type: codes stored as integers. */
  categories: z.array(column).default([]),
  /** Columns read as numbers whatever their type: numbers stored as text. */
  numbers: z.array(column).default([]),
  /** What a visit without a row means: every number is 0, or everything is unknown (rules R3). */
  missing: z.enum(['zero', 'unknown'], 'write zero or unknown'),
  /**
   * If given, rows are events of the visit, several per visit. Events at or after the visit's cut never count
   * (see `observe`); of the others numbers are summed and categories take the last event's value.
   */
  time: column.optional(),
  /** Events count from this many seconds before the visit's cut; absent = from the visit's start. */
  lookback: seconds('give seconds before the cut, more than 0, or leave it out: from the start').optional(),
  /**
   * For a table without `time`: what its rows were made from. `whole-visit` (the default) may contain
   * information from after the goal.
   */
  covers: z.enum(['before-visit', 'whole-visit'], 'write before-visit or whole-visit').optional(),
  /** Prefix of the column names in the dataset, for tables with columns of the same names. */
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9_]{1,30}$/, 'use 1 to 30 letters, digits and _')
    .default(''),
});

/**
 * The format of CSV files of the source's visits, if it is not the default. Set by `factory import` and used by
 * `factory score`; not by services.
 */
const csv = z.strictObject({
  /** Decimal separator. */
  decimal: z.enum(['.', ','], 'give . or ,').optional(),
  /** Separator between groups of digits. */
  thousands: z.enum([',', '.', ' ', "'", '_'], "give one of , . ' _ and blank").optional(),
  /** Marks for unknown in addition to the built-in ones. */
  missing: z.array(z.string()).optional(),
  /** Columns of numbers in which everything else counts as unknown. */
  restMissing: z.array(column).optional(),
});

const source = z.strictObject({
  /** Name of the variable with the full connection string `mysql://user:password@host:port/database`. */
  connectionEnv: z
    .string('name an environment variable')
    .regex(/^[A-Z][A-Z0-9_]*$/, 'name an environment variable: A-Z, 0-9 and _'),
  /** Time zone whose midnight is the default end of a range. Times in the tables are UTC. */
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
     * The times of the visits are unknown: `time` has one instant for all. A run trains on every visit,
     * whatever range was requested, and has no out-of-time part.
     */
    noTime: z.boolean('give true or false').optional(),
  }),
  defaultGoal: name,
  goals: z
    .record(name, z.union([rowGoal, anyGoal]))
    .refine((goals) => Object.keys(goals).length > 0, 'declare a goal'),
  features: z.array(featureTable).min(1, 'declare a feature table'),
  /**
   * The cut of every visit, for sources with event times (rules R3): this many seconds after its start. Events
   * before it are features, events at or after it may be the goal.
   */
  observe: seconds("give seconds after the visit's start, more than 0, such as 300").optional(),
  /**
   * What happens to values that cannot be read, such as `0000-00-00` in a time column: `refuse` (the default)
   * ends the run, `drop` leaves them out and counts them. A visit or goal row without its time is left out
   * completely; of a visitor or feature only the value.
   */
  unreadable: z.enum(['refuse', 'drop'], 'write refuse or drop').optional(),
  /** Alternative to `observe`: the column of visits with the cut, which must not be derived from any goal. */
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
/** A declared source, with its name. */
export type SourceDefinition = z.infer<typeof source> & { readonly name: string };
