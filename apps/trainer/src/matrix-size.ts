import type { TrialsQueued } from '@factory/contracts';
import { BadInputError } from '@factory/domain';
import type { MatrixLayout } from '@factory/normalisation';

/** Rows and columns of the matrix that all trials of a run share, as stated in its plan. */
export type MatrixSize = TrialsQueued['matrix'];

/** Bytes of a row in addition to its values: label, weight and its index in one of the row lists. */
const BYTES_BESIDE_FEATURES =
  Uint8Array.BYTES_PER_ELEMENT + Float64Array.BYTES_PER_ELEMENT + Uint32Array.BYTES_PER_ELEMENT;

export function matrixSizeOf(rows: number, layout: MatrixLayout): MatrixSize {
  const groups = layout.groups.length;
  return {
    rows,
    width: layout.width,
    ...(groups > 0 ? { coded: { columns: layout.codedColumns.length, groups } } : {}),
  };
}

/** Bytes that `buildTrialData` will allocate. */
export function trialDataBytes({ rows, width, coded }: MatrixSize): number {
  const { columns, groups } = coded ?? { columns: 0, groups: 0 };
  const rowBytes =
    (width - columns) * Float32Array.BYTES_PER_ELEMENT +
    groups * Uint16Array.BYTES_PER_ELEMENT +
    BYTES_BESIDE_FEATURES;
  const columnBytes = coded ? width * Uint32Array.BYTES_PER_ELEMENT : 0;
  return rows * rowBytes + columnBytes;
}

/** The allocations for a dataset, and which settings make them smaller. */
const DATASET_USES = {
  fit: { field: 'trainRows.bytes', todo: 'lower maxPositives, or exclude columns in sources.yaml' },
  matrix: { field: 'matrix.bytes', todo: 'lower maxPositives or maxFeatures' },
} as const;

/** @throws BadInputError `dataset-too-large` */
export function checkDatasetMemory(use: keyof typeof DATASET_USES, bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  const { field, todo } = DATASET_USES[use];
  throw new BadInputError('dataset-too-large', {
    field,
    value: bytes,
    todo: `raise MAX_DATASET_BYTES (now ${maxBytes}) with the pod's memory, or ${todo}`,
  });
}
