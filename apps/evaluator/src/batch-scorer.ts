import type { Column } from '@factory/domain';
import type { Predictor } from '@factory/model';
import { LayoutWriter, type Transform } from '@factory/normalisation';
import { batchPredictorOf, type BatchPredictor, type KernelBuild } from '@factory/training-kernel';

/** A model and the transform of its inputs. */
export interface ScoredModel {
  readonly model: Predictor;
  readonly transform: Transform;
}

/** Scores visits with one model, one batch at a time; holds only the matrix of a batch. */
export class BatchScorer {
  private readonly predictor: BatchPredictor;
  private readonly transform: Transform;
  private features = new Float32Array(0);
  private codes = new Uint16Array(0);
  private rows = 0;
  private writer: LayoutWriter | undefined;

  constructor({ model, transform }: ScoredModel, kernel: KernelBuild) {
    this.predictor = batchPredictorOf(model, transform, kernel);
    this.transform = transform;
  }

  /** Begins a batch. @param rows row numbers into its columns */
  begin(rows: Uint32Array): void {
    const { layout } = this.predictor;
    this.rows = rows.length;
    this.features = roomFor(this.features, rows.length * layout.denseColumns.length, Float32Array);
    this.codes = roomFor(this.codes, rows.length * layout.groups.length, Uint16Array);
    const into = { features: this.features, codes: this.codes };
    this.writer = new LayoutWriter(this.transform, layout, rows, into);
  }

  add(columns: readonly Column[]): void {
    this.writer?.add(columns);
  }

  /** Ends the batch. @returns logits of the requested rows, in order */
  end(): ArrayLike<number> {
    this.writer?.end();
    const { denseColumns, groups } = this.predictor.layout;
    return this.predictor.predict(
      this.features.subarray(0, this.rows * denseColumns.length),
      this.codes.subarray(0, this.rows * groups.length),
      this.rows,
    );
  }
}

function roomFor<T extends Float32Array | Uint16Array>(
  memory: T,
  length: number,
  kind: new (length: number) => T,
): T {
  return memory.length >= length ? memory : new kind(length);
}
