import type { ArtefactRef } from '@factory/contracts';
import { mostDatasetRows, readDatasetBatches, TextColumn, type VisitBatch } from '@factory/dataset';
import { MARKS, type Dataset, type RawRow } from '@factory/domain';
import { rawValue } from '@factory/model';
import { readVerified, type ByteSource } from '@factory/object-store';
import type { KernelBuild } from '@factory/training-kernel';
import { BatchScorer, type ScoredModel } from './batch-scorer';
import type { RowSample, SampledRows } from './row-sample';

/** Visits of a dataset without their features, as a judgement needs them. One entry per row in each array. */
export interface ScoredVisits extends Pick<
  Required<Dataset>,
  'rows' | 'labels' | 'marks' | 'weights' | 'visitTimes' | 'halves'
> {
  readonly visitIds: TextColumn;
  readonly visitorIds: TextColumn;
  /** Of the candidate, true. */
  readonly logits: Float64Array;
  /** Of the models that it is compared with; NaN in parts that are never judged. */
  readonly others: Partial<Record<Other, Float64Array>>;
  /** The first raw rows, to time the scoring of one. */
  readonly firstRows: readonly RawRow[];
  /** Some of the visits that may judge, with their raw features. */
  readonly sample: SampledRows;
}

/** What a candidate is compared with, besides the base rate. */
export type Other = 'champion' | 'anchor' | 'logistic';

export interface Models {
  readonly candidate: ScoredModel;
  readonly others: Partial<Record<Other, ScoredModel>>;
  readonly kernel: KernelBuild;
  /** Of visits that may judge. */
  readonly sample: RowSample;
}

/** Raw rows that are kept: few, since a row may have thousands of columns. */
const FIRST_ROWS = 32;
type RawValue = ReturnType<typeof rawValue>;

const JUDGED_BY = [MARKS.indexOf('test'), MARKS.indexOf('out-of-time')];

/**
 * Scores every visit of a dataset as its bytes arrive, with one batch of features in memory at a time. Blocks while it
 * waits for bytes, so it runs on a separate thread.
 *
 * @throws IntegrityError if the bytes are not what sampling wrote
 */
export function scoreVisits(dataset: ArtefactRef, source: ByteSource, models: Models): ScoredVisits {
  return readVerified(source, dataset, (bytes) => {
    const scored = new Growing(dataset.bytes, models);
    for (const batch of readDatasetBatches(bytes)) scored.add(batch);
    return scored.finish();
  });
}

/** Collects visits as they arrive. Memory beyond the actual rows is reserved but never touched. */
class Growing {
  private readonly candidate: BatchScorer;
  private readonly others: readonly (readonly [Other, BatchScorer])[];
  private readonly sample: RowSample;
  private readonly ids = { visits: new TextColumn(), visitors: new TextColumn() };
  private arrays: ReturnType<typeof arraysFor> | undefined;
  private firstRows: Record<string, RawValue>[] | undefined;
  private rows = 0;

  constructor(
    private readonly bytes: number,
    { candidate, others, kernel, sample }: Models,
  ) {
    this.sample = sample;
    this.candidate = new BatchScorer(candidate, kernel);
    this.others = (Object.entries(others) as [Other, ScoredModel][]).map(([name, model]) => [
      name,
      new BatchScorer(model, kernel),
    ]);
  }

  add(batch: VisitBatch): void {
    const to = (this.arrays ??= this.arraysFor(mostDatasetRows(this.bytes, batch.featureCount)));
    const { visitTimes, visitIds, visitorIds } = batch.visits();
    this.ids.visits.add(visitIds.offsets, visitIds.bytes);
    this.ids.visitors.add(visitorIds.offsets, visitorIds.bytes);
    to.labels.set(batch.labels, this.rows);
    to.marks.set(batch.marks, this.rows);
    to.weights.set(batch.weights, this.rows);
    to.halves.set(batch.halves, this.rows);
    to.visitTimes.set(visitTimes, this.rows);
    this.score(batch, to);
    this.rows += batch.rows;
  }

  finish(): ScoredVisits {
    const { rows } = this;
    const { labels, marks, weights, halves, visitTimes, logits, others } = this.arrays ?? this.arraysFor(0);
    return {
      rows,
      labels: labels.subarray(0, rows),
      marks: marks.subarray(0, rows),
      weights: weights.subarray(0, rows),
      halves: halves.subarray(0, rows),
      visitTimes: visitTimes.subarray(0, rows),
      visitIds: this.ids.visits,
      visitorIds: this.ids.visitors,
      logits: logits.subarray(0, rows),
      others: Object.fromEntries(others.map(([name, of]) => [name, of.subarray(0, rows)])),
      firstRows: this.firstRows ?? [],
      sample: this.sample.finish(),
    };
  }

  private score(batch: VisitBatch, to: ReturnType<typeof arraysFor>): void {
    const judged = judgedRows(batch);
    this.candidate.begin(everyRow(batch));
    for (const [, scorer] of this.others) scorer.begin(judged);
    this.sample.begin(batch, this.rows);
    const keep = this.firstRows
      ? undefined
      : Array.from({ length: Math.min(FIRST_ROWS, batch.rows) }, (): Record<string, RawValue> => ({}));
    for (const columns of batch.features) {
      this.candidate.add(columns);
      for (const [, scorer] of this.others) scorer.add(columns);
      this.sample.add(columns);
      keep?.forEach((row, at) => {
        for (const column of columns) define(row, column.name, rawValue(column, at));
      });
    }
    this.firstRows ??= keep;
    to.logits.set(this.candidate.end(), this.rows);
    this.others.forEach(([, scorer], at) => {
      const into = to.others[at]?.[1];
      into?.fill(NaN, this.rows, this.rows + batch.rows);
      const logits = scorer.end();
      for (let k = 0; k < judged.length; k++) if (into) into[this.rows + (judged[k] ?? 0)] = logits[k] ?? NaN;
    });
  }

  private arraysFor(most: number) {
    return arraysFor(
      most,
      this.others.map(([name]) => name),
    );
  }
}

function arraysFor(most: number, others: readonly Other[]) {
  return {
    labels: new Uint8Array(most),
    marks: new Uint8Array(most),
    weights: new Float64Array(most),
    halves: new Uint8Array(most),
    visitTimes: new Float64Array(most),
    logits: new Float64Array(most),
    others: others.map((name) => [name, new Float64Array(most)] as const),
  };
}

/** A column may have any name, such as `__proto__`. */
function define(row: object, name: string, value: RawValue): void {
  Object.defineProperty(row, name, { value, enumerable: true, configurable: true, writable: true });
}

function everyRow({ rows }: Pick<VisitBatch, 'rows'>): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row);
}

/** Rows of the parts that a verdict may be based on: other models score only these. */
function judgedRows(batch: VisitBatch): Uint32Array {
  return everyRow(batch).filter((row) => JUDGED_BY.includes(batch.marks[row] ?? -1));
}
