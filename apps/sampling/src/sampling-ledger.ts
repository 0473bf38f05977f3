import type { DrawnCounts } from '@factory/contracts';
import { HALVES, MARKS, type Dataset, type Half, type Mark, type ModelKey } from '@factory/domain';
import {
  leftOutOf,
  type DroppedColumn,
  type FeatureMoment,
  type LeftOut,
  type RanQuery,
  type UnreadableColumn,
} from '@factory/source';

/** Population, drawn and fraction of one class in one part. */
export interface DrawnClass {
  readonly population: number;
  readonly drawn: number;
  /** drawn / population; 1 if the population is empty. */
  readonly fraction: number;
}

/** The population of a part and, for a source with a cut, the visits that could not be drawn. */
export interface DrawnClasses {
  readonly goals: DrawnClass;
  readonly others: DrawnClass;
  readonly leftOut?: LeftOut;
}

/** The others of one day of a de-trended draw, and the day's drawn goals. */
export interface DrawnDay extends DrawnClass {
  /** Start of the day, ISO 8601, UTC. */
  readonly day: string;
  readonly goals: number;
}

/** Rows of one mark and its share of the training part (of the whole, for out-of-time). */
export interface MarkedRows {
  readonly rows: number;
  readonly goals: number;
  readonly share: number;
}

/** How a dataset was drawn (rules R2, R3): the content of dataset.json. */
export interface SamplingLedger extends ModelKey {
  readonly schemaVersion: 1;
  /** ISO 8601, UTC; training `[start, trainEnd)`, out-of-time `[trainEnd, end)`. */
  readonly window: {
    readonly start: string;
    readonly trainEnd: string;
    readonly end: string;
    /** For sources with a cut column: later cuts cannot be labelled yet. */
    readonly latestCut?: string;
  };
  /** When features are read: the cut, and which rows of each table count. */
  readonly featureMoment: FeatureMoment;
  /** What people have declared of the goal; absent: nothing. */
  readonly about?: Readonly<Record<string, string>>;
  /** Seed of the draw: `h(seed|draw, visit)` and `h(seed|oot, visit)`. */
  readonly seed: string;
  /** Seed of the marks: `h(markSeed, visitor)`, by the visit id if the visitor is unknown. */
  readonly markSeed: string;
  /** Seed of the halves, likewise. */
  readonly halfSeed: string;
  readonly markedBy: 'visitor' | 'visit';
  readonly training: DrawnClasses;
  readonly outOfTime: DrawnClasses;
  /** Drawn / population of the training part's goals and others (rules R6). */
  readonly f1: number;
  readonly f0: number;
  readonly detrended: boolean;
  /** Only for a de-trended draw. */
  readonly days?: readonly DrawnDay[];
  /** Factor for 1 / a day's fraction, to make up for the others of days without a drawn goal. */
  readonly scaleOfDays?: number;
  readonly rows: number;
  readonly marks: Readonly<Record<Mark, MarkedRows>>;
  /** Of the out-of-time part. */
  readonly outOfTimeHalves: Readonly<Record<Half, Pick<MarkedRows, 'rows' | 'goals'>>>;
  /** With the feature table that each is from. */
  readonly columns: readonly {
    readonly name: string;
    readonly kind: 'number' | 'category';
    readonly table: string;
  }[];
  /** Columns of the feature tables that are not in the dataset. */
  readonly dropped: readonly DroppedColumn[];
  /** Unreadable values that were left out, as the source declares; absent = none. */
  readonly unreadable?: readonly UnreadableColumn[];
  /** Every statement with its rows and seconds. */
  readonly queries: readonly RanQuery[];
}

/** dataset.json: the ledger with the file that it describes. */
export interface DatasetDescription extends SamplingLedger {
  readonly dataset: { readonly key: string; readonly sha256: string; readonly bytes: number };
}

/** Completes the record after the file has been written. */
export function describeDataset(
  ledger: SamplingLedger,
  { key, sha256, bytes }: DatasetDescription['dataset'],
): DatasetDescription {
  return { ...ledger, dataset: { key, sha256, bytes } };
}

/** The summary of the draw in the event. */
export function countsOfDraw({ training, outOfTime, f1, f0 }: SamplingLedger): DrawnCounts {
  return {
    population: { goals: training.goals.population, others: training.others.population },
    drawn: { goals: training.goals.drawn, others: training.others.drawn },
    f1,
    f0,
    outOfTime: { goals: outOfTime.goals.drawn, others: outOfTime.others.drawn },
    ...(training.leftOut ? { leftOut: leftOutOf(training) + leftOutOf(outOfTime) } : {}),
  };
}

/** The realised marks: they are not stratified, so the shares are reported (rules R3). */
export function countMarks(dataset: Pick<Dataset, 'rows' | 'marks' | 'labels'>): SamplingLedger['marks'] {
  const rows = new Array<number>(MARKS.length).fill(0);
  const goals = new Array<number>(MARKS.length).fill(0);
  for (let row = 0; row < dataset.rows; row++) {
    const mark = dataset.marks[row] ?? 0;
    rows[mark] = (rows[mark] ?? 0) + 1;
    goals[mark] = (goals[mark] ?? 0) + (dataset.labels[row] ?? 0);
  }
  const training = dataset.rows - (rows[MARKS.indexOf('out-of-time')] ?? 0);
  const marked = (mark: Mark): MarkedRows => {
    const at = MARKS.indexOf(mark);
    const of = mark === 'out-of-time' ? dataset.rows : training;
    return { rows: rows[at] ?? 0, goals: goals[at] ?? 0, share: of === 0 ? 0 : (rows[at] ?? 0) / of };
  };
  return {
    train: marked('train'),
    validation: marked('validation'),
    test: marked('test'),
    'out-of-time': marked('out-of-time'),
  };
}

/** The realised halves of the out-of-time part: what is decided on one of them has this much to go by. */
export function countHalves(
  dataset: Pick<Dataset, 'rows' | 'marks' | 'labels' | 'halves'>,
): SamplingLedger['outOfTimeHalves'] {
  const { rows, marks, labels, halves } = dataset;
  const counted = HALVES.map(() => ({ rows: 0, goals: 0 }));
  for (let row = 0; row < rows; row++) {
    const of = marks[row] === MARKS.indexOf('out-of-time') && counted[halves?.[row] ?? -1];
    if (!of) continue;
    of.rows++;
    of.goals += labels[row] ?? 0;
  }
  const [a = NONE, b = NONE] = counted;
  return { a, b };
}

const NONE = { rows: 0, goals: 0 };
