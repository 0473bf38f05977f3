import { BadInputError } from '@factory/domain';
import { NO_COLUMN } from '@factory/normalisation';
import type { InputMatrix, OneHotColumns } from './training-engine';

/**
 * Copies rows of a matrix in the given order, with coded columns expanded to 0 and 1: bit for bit a dense
 * matrix of the same data.
 *
 * @param rows row numbers of the matrix; may contain repetitions
 * @param into where to write; overwritten, at least rows x width long; new memory if absent
 * @returns [rows, width], row-major; written into `into`
 * @throws BadInputError `matrix-too-small`
 */
export function gatherRows(matrix: InputMatrix, rows: Uint32Array, into?: Float32Array): Float32Array {
  const { features, width, oneHot } = matrix;
  const length = rows.length * width;
  if (into && into.length < length) {
    throw new BadInputError('matrix-too-small', {
      field: 'into.length',
      value: into.length,
      todo: `give space for ${rows.length} rows of ${width} values`,
    });
  }
  const gathered = into ? into.subarray(0, length) : new Float32Array(length);
  if (oneHot) expandInto(gathered, features, oneHot, rows, width);
  else {
    for (let k = 0; k < rows.length; k++) {
      const from = (rows[k] ?? 0) * width;
      gathered.set(features.subarray(from, from + width), k * width);
    }
  }
  return gathered;
}

function expandInto(
  gathered: Float32Array,
  features: Float32Array,
  { codes, groups, columns, denseColumns }: OneHotColumns,
  rows: Uint32Array,
  width: number,
): void {
  gathered.fill(0);
  const denseWidth = denseColumns.length;
  for (let k = 0, to = 0; k < rows.length; k++, to += width) {
    const row = rows[k] ?? 0;
    const from = row * denseWidth;
    for (let j = 0; j < denseWidth; j++) gathered[to + (denseColumns[j] ?? 0)] = features[from + j] ?? 0;
    for (let group = row * groups; group < (row + 1) * groups; group++) {
      const code = codes[group] ?? NO_COLUMN;
      if (code !== NO_COLUMN) gathered[to + (columns[code] ?? 0)] = 1;
    }
  }
}
