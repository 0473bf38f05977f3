import type { CategoryColumn, Column, NumberColumn } from '@factory/domain';
import { Random } from '../random';
import { takeRows } from './draw-series';
import { categoryColumn } from './series-columns';
import type { Series } from './series';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The affected days, milliseconds: from `from` on, before `to`. */
export interface FaultyDays {
  readonly from: number;
  readonly to: number;
}

export interface PlantedFault {
  readonly name: string;
  readonly what: string;
  readonly plant: (series: Series, days: FaultyDays) => Series;
}

/** Typical faults in the data of shops. They do not change the days before `from`, unless they say so. */
export const PLANTED_FAULTS: readonly PlantedFault[] = [
  {
    name: 'halved-rows',
    what: 'every other visit is lost',
    plant: (series, days) => keepRows(series, (row) => !isIn(series, days, row) || row % 2 === 0),
  },
  {
    name: 'doubled-visits',
    what: 'every visit is duplicated, under the same id',
    plant: (series, days) => repeatRows(series, (row) => isIn(series, days, row)),
  },
  {
    name: 'doubled-visits-new-ids',
    what: 'every visit is duplicated, under two ids',
    plant: (series, days) => {
      const doubled = repeatRows(series, (row) => isIn(series, days, row));
      return { ...doubled, visitIds: doubled.visitIds.map((_, row) => `n${row}`) };
    },
  },
  {
    name: 'some-visits-twice',
    what: 'every tenth visit is duplicated, under the same id',
    plant: (series, days) => repeatRows(series, (row) => isIn(series, days, row) && row % 10 === 0),
  },
  {
    name: 'missing-days',
    what: 'two days have no visits',
    plant: (series, { from }) =>
      keepRows(series, (row) => !isIn(series, { from: from + 2 * DAY_MS, to: from + 4 * DAY_MS }, row)),
  },
  {
    name: 'stale-days',
    what: 'the last three days have not arrived',
    plant: (series, { to }) => keepRows(series, (row) => !isIn(series, { from: to - 3 * DAY_MS, to }, row)),
  },
  {
    name: 'late-data',
    what: 'the last day has arrived up to four in the morning',
    plant: (series, { to }) => keepRows(series, (row) => !isIn(series, { from: to - 20 * HOUR_MS, to }, row)),
  },
  {
    name: 'bots',
    what: 'a robot adds as many visits again, of one page each and without intent',
    plant: (series, days) => {
      const first = series.rows;
      const doubled = repeatRows(series, (row) => isIn(series, days, row), true);
      const isBot = (row: number): boolean => row >= first;
      return {
        ...mapNumbers(doubled, (value, row, name) =>
          isBot(row) ? (name === 'product_pages' ? 1 : name.endsWith('seconds') ? 1 : 0) : value,
        ),
        visitIds: doubled.visitIds.map((id, row) => (isBot(row) ? `b${row}` : id)),
        visitorIds: doubled.visitorIds.map((id, row) => (isBot(row) ? `b${row}` : id)),
        labels: doubled.labels.map((label, row) => (isBot(row) ? 0 : label)),
      };
    },
  },
  {
    name: 'goal-outage',
    what: 'goals of the last three days were not recorded',
    plant: (series, { to }) => ({
      ...series,
      labels: series.labels.map((label, row) =>
        isIn(series, { from: to - 3 * DAY_MS, to }, row) ? 0 : label,
      ),
    }),
  },
  {
    name: 'goals-halved',
    what: 'every other goal was not recorded',
    plant: (series, days) => ({
      ...series,
      labels: series.labels.map((label, row) => (isIn(series, days, row) && row % 2 === 0 ? 0 : label)),
    }),
  },
  {
    name: 'label-flip',
    what: 'goals and others are swapped',
    plant: (series, days) => ({
      ...series,
      labels: series.labels.map((label, row) => (isIn(series, days, row) ? 1 - label : label)),
    }),
  },
  {
    name: 'constant-label',
    what: 'every visit has the goal, before as well',
    plant: (series) => ({ ...series, labels: series.labels.map(() => 1) }),
  },
  {
    name: 'shifted-column',
    what: 'session_seconds is 300 larger',
    plant: (series, days) =>
      mapNumbers(series, (value, row, name) =>
        name === 'session_seconds' && isIn(series, days, row) ? value + 300 : value,
      ),
  },
  {
    name: 'unit-x100',
    what: 'product_seconds is in hundredths',
    plant: (series, days) =>
      mapNumbers(series, (value, row, name) =>
        name === 'product_seconds' && isIn(series, days, row) ? value * 100 : value,
      ),
  },
  {
    name: 'unit-minutes',
    what: 'idle_seconds is in minutes',
    plant: (series, days) =>
      mapNumbers(series, (value, row, name) =>
        name === 'idle_seconds' && isIn(series, days, row) ? value / 60 : value,
      ),
  },
  {
    name: 'swapped-columns',
    what: 'product_pages and searches are swapped',
    plant: (series, days) => {
      const [pages, searches] = [numberOf(series, 'product_pages'), numberOf(series, 'searches')];
      return mapNumbers(series, (value, row, name) => {
        if (!isIn(series, days, row)) return value;
        if (name === 'product_pages') return searches.values[row] ?? NaN;
        return name === 'searches' ? (pages.values[row] ?? NaN) : value;
      });
    },
  },
  {
    name: 'out-of-range',
    what: 'three in ten session_seconds are -1',
    plant: (series, days) =>
      mapNumbers(series, (value, row, name) =>
        name === 'session_seconds' && isIn(series, days, row) && row % 10 < 3 ? -1 : value,
      ),
  },
  {
    name: 'stuck-column',
    what: 'product_pages is 3 throughout',
    plant: (series, days) =>
      mapNumbers(series, (value, row, name) =>
        name === 'product_pages' && isIn(series, days, row) ? 3 : value,
      ),
  },
  {
    name: 'vanished-level',
    what: 'channel organic is recorded as direct',
    plant: (series, days) =>
      mapTexts(series, 'channel', (text, row) =>
        isIn(series, days, row) && text === 'organic' ? 'direct' : text,
      ),
  },
  {
    name: 'new-level',
    what: 'device mobile is written Mobile',
    plant: (series, days) =>
      mapTexts(series, 'device', (text, row) =>
        isIn(series, days, row) && text === 'mobile' ? 'Mobile' : text,
      ),
  },
  {
    name: 'all-null',
    what: 'device is unknown throughout',
    plant: (series, days) =>
      mapTexts(series, 'device', (text, row) => (isIn(series, days, row) ? null : text)),
  },
  {
    name: 'share-missing',
    what: 'four in ten session_seconds are unknown',
    plant: (series, days) =>
      mapNumbers(series, (value, row, name) =>
        name === 'session_seconds' && isIn(series, days, row) && row % 10 < 4 ? NaN : value,
      ),
  },
  {
    name: 'table-outage',
    what: 'agg_durations has no rows',
    plant: (series, days) => tableOutage(series, 'agg_durations', days),
  },
  {
    name: 'zero-table-outage',
    what: 'agg_pages has no rows, which means zeros',
    plant: (series, days) => tableOutage(series, 'agg_pages', days),
  },
  {
    name: 'table-outage-of-days',
    what: 'agg_pages has no rows for two days',
    plant: (series, { from }) =>
      tableOutage(series, 'agg_pages', { from: from + DAY_MS, to: from + 3 * DAY_MS }),
  },
  {
    name: 'leak-after-goal',
    what: 'a column counts pages after the order, before as well',
    plant: (series) => {
      const random = new Random(1, 'leak');
      const values = Float32Array.from(series.labels, (label) =>
        label === 1 ? 1 + random.poisson(2) : Number(random.uniform() < 0.002),
      );
      return {
        ...series,
        features: [...series.features, { kind: 'number', name: 'thank_you_pages', values }],
      };
    },
  },
  {
    name: 'leak-by-id',
    what: 'a column of order numbers, which only buyers have, before as well',
    plant: (series) => {
      const values = Float32Array.from(series.labels, (label, row) => (label === 1 ? row : NaN));
      return { ...series, features: [...series.features, { kind: 'number', name: 'order_number', values }] };
    },
  },
  {
    name: 'leak-by-status',
    what: 'a category tells paid from open, with some noise, before as well',
    plant: (series) => {
      const random = new Random(2, 'leak');
      const texts = Array.from(series.labels, (label) =>
        random.uniform() < 0.01 ? 'unclear' : label === 1 ? 'paid' : 'open',
      );
      return { ...series, features: [...series.features, categoryColumn('status', texts)] };
    },
  },
  {
    name: 'clock-shift',
    what: 'times are seven hours late',
    plant: (series, days) => ({
      ...series,
      visitTimes: series.visitTimes.map((time) =>
        time >= days.from && time < days.to
          ? days.from + ((time - days.from + 7 * HOUR_MS) % (days.to - days.from))
          : time,
      ),
    }),
  },
  {
    name: 'future-times',
    what: 'visits of the last day are a year ahead',
    plant: (series, { to }) => ({
      ...series,
      visitTimes: series.visitTimes.map((time) =>
        time >= to - DAY_MS && time < to ? time + 365 * DAY_MS : time,
      ),
    }),
  },
  {
    name: 'lost-column',
    what: 'searches is missing, before as well',
    plant: (series) => ({ ...series, features: series.features.filter(({ name }) => name !== 'searches') }),
  },
  {
    name: 'changed-type',
    what: 'searches has become text, before as well',
    plant: (series) => ({
      ...series,
      features: series.features.map((column) =>
        column.kind === 'number' && column.name === 'searches'
          ? categoryColumn(
              'searches',
              Array.from(column.values, (value) => (value > 0 ? 'many' : 'none')),
            )
          : column,
      ),
    }),
  },
];

function isIn({ visitTimes }: Series, { from, to }: FaultyDays, row: number): boolean {
  const time = visitTimes[row] ?? NaN;
  return time >= from && time < to;
}

function keepRows(series: Series, keep: (row: number) => boolean): Series {
  return takeRows(series, Uint32Array.from(series.labels.keys()).filter(keep));
}

/** @param atEnd repeated rows are appended, not in order of time */
function repeatRows(series: Series, isRepeated: (row: number) => boolean, atEnd = false): Series {
  const rows = [...series.labels.keys()];
  const order = atEnd
    ? [...rows, ...rows.filter(isRepeated)]
    : rows.flatMap((row) => (isRepeated(row) ? [row, row] : [row]));
  return takeRows(series, Uint32Array.from(order));
}

function mapNumbers(series: Series, change: (value: number, row: number, name: string) => number): Series {
  const changed = (column: Column): Column =>
    column.kind === 'number'
      ? { ...column, values: column.values.map((value, row) => change(value, row, column.name)) }
      : column;
  return { ...series, features: series.features.map(changed) };
}

function numberOf({ features }: Series, name: string): NumberColumn {
  const column = features.find((one): one is NumberColumn => one.kind === 'number' && one.name === name);
  if (!column) throw new Error(`The series has no column of numbers ${name}.`);
  return column;
}

function mapTexts(
  series: Series,
  name: string,
  change: (text: string | null, row: number) => string | null,
): Series {
  const changed = (column: CategoryColumn): Column =>
    categoryColumn(
      column.name,
      Array.from(column.codes, (code, row) => change(column.levels[code] ?? null, row)),
    );
  return {
    ...series,
    features: series.features.map((column) =>
      column.kind === 'category' && column.name === name ? changed(column) : column,
    ),
  };
}

/** Removes rows of a table: its columns become zeros or unknown, as it declares. */
function tableOutage(series: Series, table: string, days: FaultyDays): Series {
  const lost = series.tables.find((one) => one.table === table);
  if (!lost) throw new Error(`The series has no table ${table}.`);
  const absent = lost.missing === 'zero' ? 0 : NaN;
  const isLost = (row: number): boolean => isIn(series, days, row);
  const numbers = mapNumbers(series, (value, row, name) =>
    lost.columns.includes(name) && isLost(row) ? absent : value,
  );
  const texts = numbers.features
    .filter(({ kind, name }) => kind === 'category' && lost.columns.includes(name))
    .reduce((done, { name }) => mapTexts(done, name, (text, row) => (isLost(row) ? null : text)), numbers);
  return {
    ...texts,
    tables: series.tables.map((one) =>
      one === lost ? { ...one, hasRow: one.hasRow.map((has, row) => (isLost(row) ? 0 : has)) } : one,
    ),
  };
}
