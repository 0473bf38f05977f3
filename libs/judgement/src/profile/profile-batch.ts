import { MARKS, type Column, type Dataset, type Mark } from '@factory/domain';

const DAY_MS = 86_400_000;

/** Some rows of a dataset, as `readDatasetBatches` of @factory/dataset gives them. */
export interface ProfileBatch extends Pick<Dataset, 'rows' | 'labels' | 'marks' | 'weights'> {
  /** To be called before `features` are gone through. */
  readonly visits: () => {
    /** [rows] milliseconds since the epoch, UTC. */
    readonly visitTimes: Float64Array;
    /** Texts one after the other, each ending where the next begins. */
    readonly visitorIds: { readonly offsets: Int32Array; readonly bytes: Uint8Array };
  };
  /** Feature columns in the dataset's order, a few at a time; to be gone through once. */
  readonly features: Iterable<readonly Column[]>;
}

/** All batches of a dataset from the first one on; called once a pass. */
export type Passes = () => Iterable<ProfileBatch>;

export interface RowChoice {
  /** Default: all. */
  readonly marks?: readonly Mark[];
  /** Only visits from here on and before `to`, milliseconds. */
  readonly from?: number;
  readonly to?: number;
}

/** The rows of a batch that are looked at, with what is known of each beside its features. All arrays: [count]. */
export interface ChosenRows {
  readonly count: number;
  /** Row numbers in the batch. */
  readonly rows: Uint32Array;
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
  readonly times: Float64Array;
  /** Days since the epoch. */
  readonly days: Int32Array;
  /** Hash of the visitor. */
  readonly visitors: Uint32Array;
  /** Features of the batch, then the hour of the visit. */
  readonly columns: () => Iterable<readonly Column[]>;
}

/** Hours that are told apart: in eighths of a day. */
export const HOUR_LEVELS = Array.from({ length: 8 }, (_, at) => `${String(at * 3).padStart(2, '0')}h`);
const HOURS_MS = DAY_MS / HOUR_LEVELS.length;

export function chooseRows(
  batch: ProfileBatch,
  { marks, from = -Infinity, to = Infinity }: RowChoice,
): ChosenRows {
  const { visitTimes, visitorIds } = batch.visits();
  const isMarked = MARKS.map((mark) => marks?.includes(mark) ?? true);
  const rows = new Uint32Array(batch.rows);
  let count = 0;
  for (let row = 0; row < batch.rows; row++) {
    const time = visitTimes[row] ?? NaN;
    if (isMarked[batch.marks[row] ?? -1] && time >= from && time < to) rows[count++] = row;
  }
  const chosen = rows.subarray(0, count);
  const times = Float64Array.from(chosen, (row) => visitTimes[row] ?? NaN);
  const hours = new Int32Array(batch.rows);
  chosen.forEach((row, at) => (hours[row] = Math.floor(modulo(times[at] ?? 0, DAY_MS) / HOURS_MS)));
  return {
    count,
    rows: chosen,
    labels: Uint8Array.from(chosen, (row) => batch.labels[row] ?? 0),
    weights: Float64Array.from(chosen, (row) => batch.weights[row] ?? 0),
    times,
    days: Int32Array.from(times, (time) => Math.floor(time / DAY_MS)),
    visitors: Uint32Array.from(chosen, (row) =>
      hashOf(visitorIds.bytes, visitorIds.offsets[row] ?? 0, visitorIds.offsets[row + 1] ?? 0),
    ),
    columns: function* () {
      yield* batch.features;
      yield [{ kind: 'category', name: 'visit_time', codes: hours, levels: HOUR_LEVELS }];
    },
  };
}

/** A dataset in memory as one batch, to be read as often as wanted. */
export function passesOf(dataset: Dataset): Passes {
  const ids = dataset.visitorIds.map((id) => Buffer.from(id, 'utf8'));
  const offsets = new Int32Array(dataset.rows + 1);
  ids.forEach((id, row) => (offsets[row + 1] = (offsets[row] ?? 0) + id.length));
  const visitorIds = { offsets, bytes: Buffer.concat(ids) };
  const { rows, labels, marks, weights, visitTimes, features } = dataset;
  return () => [
    { rows, labels, marks, weights, features: [features], visits: () => ({ visitTimes, visitorIds }) },
  ];
}

/** FNV-1a, finished as MurmurHash3 does so that every bit counts. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return mixed(hash);
}

/** The finalizer of MurmurHash3 (Appleby 2011, public domain). */
export function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
