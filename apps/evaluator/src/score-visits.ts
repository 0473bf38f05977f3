import type { ArtefactRef } from '@factory/contracts';
import { mostDatasetRows, readDatasetBatches, TextColumn, type VisitBatch } from '@factory/dataset';
import { MARKS, type Dataset } from '@factory/domain';
import { readVerified, type ByteSource } from '@factory/object-store';
import type { KernelBuild } from '@factory/training-kernel';
import { BatchScorer, type ScoredModel } from './batch-scorer';

/** Visits of a dataset without their features, as a judgement needs them. One entry per row in each array. */
export interface ScoredVisits extends Pick<Dataset, 'rows' | 'labels' | 'marks' | 'weights' | 'visitTimes'> {
  readonly visitIds: TextColumn;
  readonly visitorIds: TextColumn;
  /** Of the candidate, true. */
  readonly logits: Float64Array;
  /** Of the champion; NaN in parts that are never judged. Null without a champion. */
  readonly championLogits: Float64Array | null;
}

export interface Models {
  readonly candidate: ScoredModel;
  readonly champion: ScoredModel | null;
  readonly kernel: KernelBuild;
}

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
  private readonly champion: BatchScorer | null;
  private readonly ids = { visits: new TextColumn(), visitors: new TextColumn() };
  private arrays: ReturnType<typeof arraysFor> | undefined;
  private rows = 0;

  constructor(
    private readonly bytes: number,
    { candidate, champion, kernel }: Models,
  ) {
    this.candidate = new BatchScorer(candidate, kernel);
    this.champion = champion && new BatchScorer(champion, kernel);
  }

  add(batch: VisitBatch): void {
    const to = (this.arrays ??= arraysFor(
      mostDatasetRows(this.bytes, batch.featureCount),
      this.champion !== null,
    ));
    const { visitTimes, visitIds, visitorIds } = batch.visits();
    this.ids.visits.add(visitIds.offsets, visitIds.bytes);
    this.ids.visitors.add(visitorIds.offsets, visitorIds.bytes);
    to.labels.set(batch.labels, this.rows);
    to.marks.set(batch.marks, this.rows);
    to.weights.set(batch.weights, this.rows);
    to.visitTimes.set(visitTimes, this.rows);
    const judged = judgedRows(batch);
    this.candidate.begin(everyRow(batch));
    this.champion?.begin(judged);
    for (const columns of batch.features) {
      this.candidate.add(columns);
      this.champion?.add(columns);
    }
    to.logits.set(this.candidate.end(), this.rows);
    if (this.champion && to.championLogits) {
      to.championLogits.fill(NaN, this.rows, this.rows + batch.rows);
      const logits = this.champion.end();
      for (let k = 0; k < judged.length; k++)
        to.championLogits[this.rows + (judged[k] ?? 0)] = logits[k] ?? NaN;
    }
    this.rows += batch.rows;
  }

  finish(): ScoredVisits {
    const { rows } = this;
    const { labels, marks, weights, visitTimes, logits, championLogits } =
      this.arrays ?? arraysFor(0, this.champion !== null);
    return {
      rows,
      labels: labels.subarray(0, rows),
      marks: marks.subarray(0, rows),
      weights: weights.subarray(0, rows),
      visitTimes: visitTimes.subarray(0, rows),
      visitIds: this.ids.visits,
      visitorIds: this.ids.visitors,
      logits: logits.subarray(0, rows),
      championLogits: championLogits && championLogits.subarray(0, rows),
    };
  }
}

function arraysFor(most: number, hasChampion: boolean) {
  return {
    labels: new Uint8Array(most),
    marks: new Uint8Array(most),
    weights: new Float64Array(most),
    visitTimes: new Float64Array(most),
    logits: new Float64Array(most),
    championLogits: hasChampion ? new Float64Array(most) : null,
  };
}

function everyRow({ rows }: Pick<VisitBatch, 'rows'>): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row);
}

/** Rows of the parts that a verdict may be based on: a champion scores only these. */
function judgedRows(batch: VisitBatch): Uint32Array {
  return everyRow(batch).filter((row) => JUDGED_BY.includes(batch.marks[row] ?? -1));
}
