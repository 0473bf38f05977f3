import type { VisitBatch } from '@factory/dataset';
import { MARKS, Xoroshiro128Plus, type Column, type Mark } from '@factory/domain';

/** Some visits of a dataset with their raw features. */
export interface SampledRows {
  /** Their row numbers in the dataset, ascending. */
  readonly rows: Uint32Array;
  /** One value for each of them. */
  readonly columns: readonly Column[];
}

const SEED = 17;

/**
 * Keeps a random sample of the visits that may judge, from batches as they arrive. The same dataset gives the same
 * sample. Memory: the sample, 4 bytes a value.
 */
export class RowSample {
  private readonly random = new Xoroshiro128Plus(SEED);
  private readonly rates: readonly number[];
  private readonly numbers: number[] = [];
  private readonly kept = new Map<string, Column[]>();
  private taken = new Uint32Array(0);

  /**
   * @param most visits expected from each of the parts
   * @param sizes visits of each part that is sampled, as planned
   */
  constructor(most: number, sizes: Partial<Record<Mark, number>>) {
    this.rates = MARKS.map((mark) => {
      const size = sizes[mark] ?? 0;
      return size === 0 ? 0 : Math.min(1, most / size);
    });
  }

  /** Begins a batch. @param firstRow number of its first visit in the dataset */
  begin({ rows, marks }: Pick<VisitBatch, 'rows' | 'marks'>, firstRow: number): void {
    const taken: number[] = [];
    for (let row = 0; row < rows; row++) {
      const rate = this.rates[marks[row] ?? -1] ?? 0;
      if (rate === 0 || (this.random.int32() >>> 0) / 2 ** 32 >= rate) continue;
      taken.push(row);
      this.numbers.push(firstRow + row);
    }
    this.taken = Uint32Array.from(taken);
  }

  add(columns: readonly Column[]): void {
    for (const column of columns) {
      const parts = this.kept.get(column.name);
      const part = takeRows(column, this.taken);
      if (parts) parts.push(part);
      else this.kept.set(column.name, [part]);
    }
  }

  finish(): SampledRows {
    return {
      rows: Uint32Array.from(this.numbers),
      columns: [...this.kept.values()].flatMap((parts) => joined(parts)),
    };
  }
}

/** A column with these of its values only, in this order. */
export function takeRows(column: Column, rows: Uint32Array): Column {
  if (column.kind === 'number') {
    const values = new Float32Array(rows.length);
    rows.forEach((row, at) => (values[at] = column.values[row] ?? NaN));
    return { ...column, values };
  }
  const codes = new Int32Array(rows.length);
  rows.forEach((row, at) => (codes[at] = column.codes[row] ?? -1));
  return { ...column, codes };
}

/** Batches of a dataset share their levels. */
function joined(parts: readonly Column[]): Column[] {
  const [first] = parts;
  if (!first) return [];
  if (first.kind === 'number') {
    const values = parts.flatMap((part) => (part.kind === 'number' ? [...part.values] : []));
    return [{ ...first, values: Float32Array.from(values) }];
  }
  const codes = parts.flatMap((part) => (part.kind === 'category' ? [...part.codes] : []));
  return [{ ...first, codes: Int32Array.from(codes) }];
}
