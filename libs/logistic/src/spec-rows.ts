import { NO_COLUMN, type MatrixLayout } from '@factory/normalisation';
import type { RowBlock, TrainingRows } from './training-rows';

/** Transformed rows, written out. */
export interface WrittenRows {
  /** [rows][dense columns] */
  readonly dense: readonly (readonly number[])[];
  /** [rows][groups] */
  readonly codes: readonly (readonly number[])[];
  /** Number of codes of each group. */
  readonly levels: readonly number[];
  /** [rows] */
  readonly labels: readonly number[];
}

/** @param blockRows rows per block */
export function trainingRows({ dense, codes, levels, labels }: WrittenRows, blockRows = 100): TrainingRows {
  const columns = dense[0]?.length ?? 0;
  const coded = levels.reduce((sum, count) => sum + count, 0);
  const layout: MatrixLayout = {
    width: columns + coded,
    denseColumns: Uint32Array.from({ length: columns }, (_, at) => at),
    codedColumns: Uint32Array.from({ length: coded }, (_, at) => columns + at),
    groups: levels.map((_, group) => ({
      column: `c${group}`,
      firstCode: levels.slice(0, group).reduce((sum, count) => sum + count, 0),
    })),
  };
  const blocksOf = new Map<number, readonly RowBlock[]>();
  return {
    layout,
    rows: labels.length,
    goals: labels.filter((label) => label === 1).length,
    blocks: (step) => {
      const known = blocksOf.get(step) ?? writeBlocks({ dense, codes, levels, labels }, step, blockRows);
      blocksOf.set(step, known);
      return known;
    },
  };
}

function writeBlocks({ dense, codes, labels }: WrittenRows, step: number, blockRows: number): RowBlock[] {
  const taken = labels.map((_, row) => row).filter((row) => row % step === 0);
  return Array.from({ length: Math.ceil(taken.length / blockRows) }, (_, block) => {
    const rows = taken.slice(block * blockRows, (block + 1) * blockRows);
    return {
      rows: rows.length,
      features: Float32Array.from(rows.flatMap((row) => dense[row] ?? [])),
      codes: Uint16Array.from(rows.flatMap((row) => codes[row] ?? [])),
      labels: Uint8Array.from(rows.map((row) => labels[row] ?? NaN)),
    };
  });
}

/** A row as all of its columns. */
export function vectorOf({ dense, codes, levels }: WrittenRows, row: number): number[] {
  const hot = new Array<number>(levels.reduce((sum, count) => sum + count, 0)).fill(0);
  for (const code of codes[row] ?? []) if (code !== NO_COLUMN) hot[code] = 1;
  return [...(dense[row] ?? []).map(Math.fround), ...hot];
}
