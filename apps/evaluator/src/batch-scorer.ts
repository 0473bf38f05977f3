import { codeOf, type Column } from '@factory/domain';
import { forwardLogits, type NetworkWeights } from '@factory/model';
import {
  codedLayout,
  denseLayout,
  LayoutWriter,
  type MatrixLayout,
  type Transform,
} from '@factory/normalisation';
import { NetworkPredictor, type KernelBuild } from '@factory/training-kernel';

/** A network, and what makes its inputs. */
export interface Model {
  readonly network: NetworkWeights;
  readonly transform: Transform;
}

/** Networks that the kernel has no form for are computed in TypeScript. */
const FOREIGN = new Set(['invalid-network', 'unknown-activation']);

type Predict = (features: Float32Array, codes: Uint16Array, rows: number) => ArrayLike<number>;

/** Scores visits with one model, a batch at a time; the matrix of a batch is all that it holds. */
export class BatchScorer {
  private readonly layout: MatrixLayout;
  private readonly predict: Predict;
  private features = new Float32Array(0);
  private codes = new Uint16Array(0);
  private rows = 0;
  private writer: LayoutWriter | undefined;

  constructor(
    private readonly model: Model,
    kernel: KernelBuild,
  ) {
    const native = withKernel(model, kernel) ?? withoutKernel(model);
    this.layout = native.layout;
    this.predict = native.predict;
  }

  /** Begins a batch. @param rows row numbers into its columns */
  begin(rows: Uint32Array): void {
    const { denseColumns, groups } = this.layout;
    this.rows = rows.length;
    this.features = roomFor(this.features, rows.length * denseColumns.length, Float32Array);
    this.codes = roomFor(this.codes, rows.length * groups.length, Uint16Array);
    const into = { features: this.features, codes: this.codes };
    this.writer = new LayoutWriter(this.model.transform, this.layout, rows, into);
  }

  add(columns: readonly Column[]): void {
    this.writer?.add(columns);
  }

  /** Ends the batch. @returns logits of the rows asked for, in their order */
  end(): ArrayLike<number> {
    this.writer?.end();
    const { denseColumns, groups } = this.layout;
    return this.predict(
      this.features.subarray(0, this.rows * denseColumns.length),
      this.codes.subarray(0, this.rows * groups.length),
      this.rows,
    );
  }
}

interface Prepared {
  readonly layout: MatrixLayout;
  readonly predict: Predict;
}

function withKernel({ network, transform }: Model, kernel: KernelBuild): Prepared | undefined {
  const layout = codedLayout(transform);
  const { denseColumns, codedColumns, groups } = layout;
  try {
    const predictor = new NetworkPredictor(kernel, network, {
      denseColumns,
      codedColumns,
      groups: groups.length,
    });
    const predict: Predict = (features, codes, rows) =>
      predictor.predict({ features, codes }, everyRow(rows));
    return { layout, predict };
  } catch (thrown) {
    if (FOREIGN.has(codeOf(thrown))) return undefined;
    throw thrown;
  }
}

function withoutKernel({ network, transform }: Model): Prepared {
  const layout = denseLayout(transform);
  return { layout, predict: (features, _, rows) => forwardLogits(network, features, rows, layout.width) };
}

function everyRow(rows: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row);
}

function roomFor<T extends Float32Array | Uint16Array>(
  memory: T,
  length: number,
  kind: new (length: number) => T,
): T {
  return memory.length >= length ? memory : new kind(length);
}
