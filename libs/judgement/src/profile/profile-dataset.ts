import { BadInputError, type Column } from '@factory/domain';
import {
  PROFILE_SCHEMA_VERSION,
  profileSchema,
  type Bins,
  type ColumnStatistics,
  type Profile,
} from '@factory/model';
import { countBins } from './bin-counts';
import { binningOf, type Binning } from './bins';
import { CategoryAccumulator, NumberAccumulator, type ColumnAccumulator } from './column-accumulators';
import { alikeColumns } from './likeness';
import { noiseOf, sharesOf } from './noise';
import { chooseRows, type ChosenRows, type Passes, type RowChoice } from './profile-batch';
import { rounded } from './rounded';

const DAY_MS = 86_400_000;
/** Name of the hour of the visit among the columns of a batch: a feature cannot be called so. */
const HOUR = 'visit_time';

export interface ProfileOptions extends RowChoice {
  /** Exclusive end of what was looked at, milliseconds; default: midnight after the last visit. */
  readonly end?: number;
}

/**
 * What a dataset looks like: the profile that a bundle keeps of the training window (marks `train` and `validation`),
 * and that later data is compared with.
 *
 * Goes through the rows twice, a batch at a time: for the values, and, with bins frozen, for their shares by day and
 * visitor. Memory does not grow with the rows: a column of numbers takes some 200 KiB (`ValueBuckets`), one of categories
 * 36 bytes a level.
 *
 * @throws BadInputError `no-rows` if none is chosen
 */
export function profileDataset(passes: Passes, options: ProfileOptions = {}): Profile {
  const read = readValues(passes, options);
  if (read.rows === 0)
    throw new BadInputError('no-rows', {
      field: 'dataset',
      value: 0,
      todo: 'give a dataset with rows of the chosen marks and days',
    });
  const accumulators = [...read.columns.values()];
  const binnings = accumulators.map((column): readonly [string, Binning] => [column.name, binningOf(column)]);
  const counts = countBins(passes, binnings, options);
  const statistics = accumulators.map((column, at): ColumnStatistics => {
    const { edges, mode, levels } = binnings[at]?.[1] ?? {};
    const counted = counts.columns[at];
    const bins: Bins = {
      ...(levels ? { levels: [...levels] } : { edges: [...(edges ?? [])], mode: mode ?? null }),
      shares: counted ? Array.from(sharesOf(counted), rounded) : [],
      ...(counted ? noiseOf(counted, counts) : NO_NOISE),
    };
    return column.kind === 'number'
      ? { ...column.statistics(read.classes), bins }
      : { ...column.statistics(read.classes), bins };
  });
  const hour = statistics.find(({ name }) => name === HOUR);
  if (hour?.kind !== 'category')
    throw new Error('The hour of the visit is among the columns of every batch.');
  const days = [...read.days].sort(([a], [b]) => a - b);
  const end = options.end ?? ((days.at(-1)?.[0] ?? 0) + 1) * DAY_MS;
  // The schema's order of fields: the same bytes once it was read and written again.
  return profileSchema.parse({
    schemaVersion: PROFILE_SCHEMA_VERSION,
    end: new Date(end).toISOString(),
    rows: read.rows,
    goals: read.goals,
    weight: rounded(read.classes.goals + read.classes.others),
    goalWeight: rounded(read.classes.goals),
    effectiveRows: rounded(counts.effectiveRows),
    days: days.map(([day, of]) => ({
      day: new Date(day * DAY_MS).toISOString().slice(0, 10),
      rows: of.rows,
      goals: of.goals,
      weight: rounded(of.weight),
      goalWeight: rounded(of.goalWeight),
    })),
    columns: statistics.filter(({ name }) => name !== HOUR),
    hour,
    alike: alikeColumns(accumulators.filter(({ name }) => name !== HOUR).map((column) => column.like())),
  });
}

/** The bins of a profile, as `countBins` takes them: its columns', then the hour's. */
export function binningsOf(profile: Pick<Profile, 'columns' | 'hour'>): (readonly [string, Binning])[] {
  return [...profile.columns, profile.hour].map(({ name, bins }) => [name, bins] as const);
}

const NO_NOISE: Pick<Bins, 'byWeekday' | 'noise'> = {
  byWeekday: Array.from({ length: 7 }, () => null),
  noise: { visitors: [], visitorsDf: 0, days: [], daysDf: 0, daysEstimateDf: 0 },
};

interface DayCounts {
  rows: number;
  goals: number;
  weight: number;
  goalWeight: number;
}

function readValues(passes: Passes, choice: RowChoice) {
  const columns = new Map<string, ColumnAccumulator>();
  const days = new Map<number, DayCounts>();
  const classes = { goals: 0, others: 0 };
  let [rows, goals] = [0, 0];
  for (const batch of passes()) {
    const chosen = chooseRows(batch, choice);
    for (let at = 0; at < chosen.count; at++) {
      const isGoal = chosen.labels[at] === 1;
      const weight = chosen.weights[at] ?? 0;
      classes[isGoal ? 'goals' : 'others'] += weight;
      const day = dayOf(days, chosen.days[at] ?? 0);
      day.rows++;
      day.weight += weight;
      if (!isGoal) continue;
      goals++;
      day.goals++;
      day.goalWeight += weight;
    }
    for (const some of chosen.columns()) for (const column of some) addColumn(columns, column, chosen, rows);
    rows += chosen.count;
  }
  return { columns, days, classes, rows, goals };
}

function dayOf(days: Map<number, DayCounts>, day: number): DayCounts {
  const known = days.get(day);
  if (known) return known;
  const fresh = { rows: 0, goals: 0, weight: 0, goalWeight: 0 };
  days.set(day, fresh);
  return fresh;
}

function addColumn(
  columns: Map<string, ColumnAccumulator>,
  column: Column,
  chosen: ChosenRows,
  firstRow: number,
): void {
  const known = columns.get(column.name);
  if (column.kind === 'number') {
    const accumulator = known ?? new NumberAccumulator(column.name);
    if (accumulator instanceof NumberAccumulator) accumulator.add(column, chosen, firstRow);
    columns.set(column.name, accumulator);
  } else {
    const accumulator = known ?? new CategoryAccumulator(column.name);
    if (accumulator instanceof CategoryAccumulator) accumulator.add(column, chosen);
    columns.set(column.name, accumulator);
  }
}
