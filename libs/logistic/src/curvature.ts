import { NO_COLUMN } from '@factory/normalisation';
import { rowLogits } from './row-logits';
import { symmetricMatrix, TILE, type SymmetricMatrix } from './symmetric-matrix';
import { placesOf, type RowBlock, type RowSample, type TrainingRows } from './training-rows';

/** Rows multiplied together, so that some columns of them stay in the processor's first cache. */
const PANEL = 128;

/** A block of rows being multiplied. */
interface Panel {
  /** [columns, PANEL]: intercept and dense columns, each value times the root of its row's curvature; 0 beyond. */
  readonly scaled: Float64Array;
  /** Intercept and dense columns, up to a multiple of TILE. */
  readonly columns: number;
  /** [PANEL] p (1 - p) of the rows. */
  readonly curvatures: Float64Array;
}

/**
 * Second derivatives of the objective (`objectiveAt`), in one pass over the rows: row weight x X' diag(p (1 - p)) X,
 * and 1 on the diagonal of each weight. One-hot columns cost an addition a row, whatever their number.
 */
export function curvatureAt(
  source: TrainingRows,
  { step, rowWeight }: RowSample,
  parameters: Float64Array,
): SymmetricMatrix {
  const matrix = symmetricMatrix(parameters.length);
  const columns = TILE * Math.ceil(placesOf(source.layout).codes / TILE);
  const panel = {
    columns,
    scaled: new Float64Array(columns * PANEL),
    curvatures: new Float64Array(PANEL),
  };
  for (const block of source.blocks(step)) {
    for (let start = 0; start < block.rows; start += PANEL) {
      const count = Math.min(PANEL, block.rows - start);
      fillPanel(panel, source, block, { start, count }, parameters);
      addDense(panel, matrix);
      addCodes(panel, source, block, { start, count }, matrix);
    }
  }
  const { size, stride, values } = matrix;
  for (let row = 0; row < size; row++) {
    for (let at = row * stride; at <= row * stride + row; at++) values[at] = rowWeight * (values[at] ?? 0);
    if (row > 0) values[row * stride + row] = 1 + (values[row * stride + row] ?? 0);
  }
  return matrix;
}

interface RowRange {
  readonly start: number;
  readonly count: number;
}

function fillPanel(
  { scaled, curvatures }: Panel,
  { layout }: TrainingRows,
  block: RowBlock,
  { start, count }: RowRange,
  parameters: Float64Array,
): void {
  const { features } = block;
  const logitOf = rowLogits(block, layout, parameters);
  const dense = layout.denseColumns.length;
  if (count < PANEL) scaled.fill(0);
  for (let row = 0; row < count; row++) {
    const from = (start + row) * dense;
    const small = Math.exp(-Math.abs(logitOf(start + row)));
    const root = Math.sqrt(small) / (1 + small);
    curvatures[row] = root * root;
    scaled[row] = root;
    for (let column = 0; column < dense; column++)
      scaled[(column + 1) * PANEL + row] = root * (features[from + column] ?? 0);
  }
}

/** Adds the products of intercept and dense columns, two by four columns at a time: most of all work is here. */
function addDense({ scaled, columns }: Panel, { stride, values }: SymmetricMatrix): void {
  for (let row = 0; row < columns; row += 2) {
    for (let column = 0; column <= row + 1; column += TILE) {
      let ac = 0;
      let ad = 0;
      let ae = 0;
      let af = 0;
      let bc = 0;
      let bd = 0;
      let be = 0;
      let bf = 0;
      const end = (row + 1) * PANEL;
      const across = (column - row) * PANEL;
      for (let at = row * PANEL; at < end; at++) {
        const a = scaled[at] ?? 0;
        const b = scaled[at + PANEL] ?? 0;
        const c = scaled[at + across] ?? 0;
        const d = scaled[at + across + PANEL] ?? 0;
        const e = scaled[at + across + 2 * PANEL] ?? 0;
        const f = scaled[at + across + 3 * PANEL] ?? 0;
        ac += a * c;
        ad += a * d;
        ae += a * e;
        af += a * f;
        bc += b * c;
        bd += b * d;
        be += b * e;
        bf += b * f;
      }
      const to = row * stride + column;
      const below = to + stride;
      values[to] = (values[to] ?? 0) + ac;
      values[to + 1] = (values[to + 1] ?? 0) + ad;
      values[to + 2] = (values[to + 2] ?? 0) + ae;
      values[to + 3] = (values[to + 3] ?? 0) + af;
      values[below] = (values[below] ?? 0) + bc;
      values[below + 1] = (values[below + 1] ?? 0) + bd;
      values[below + 2] = (values[below + 2] ?? 0) + be;
      values[below + 3] = (values[below + 3] ?? 0) + bf;
    }
  }
}

/** Adds the products of codes with intercept, dense columns and the codes of earlier groups. */
function addCodes(
  { curvatures }: Panel,
  { layout }: TrainingRows,
  { features, codes }: RowBlock,
  { start, count }: RowRange,
  { stride, values }: SymmetricMatrix,
): void {
  const dense = layout.denseColumns.length;
  const groups = layout.groups.length;
  const firstCode = placesOf(layout).codes;
  for (let row = 0; row < count; row++) {
    const curvature = curvatures[row] ?? 0;
    const from = (start + row) * dense;
    const codesFrom = (start + row) * groups;
    for (let group = 0; group < groups; group++) {
      const code = codes[codesFrom + group] ?? NO_COLUMN;
      if (code === NO_COLUMN) continue;
      const own = (firstCode + code) * stride;
      values[own] = (values[own] ?? 0) + curvature;
      for (let column = 0; column < dense; column++) {
        const at = own + column + 1;
        values[at] = (values[at] ?? 0) + curvature * (features[from + column] ?? 0);
      }
      for (let other = 0; other <= group; other++) {
        const column = codes[codesFrom + other] ?? NO_COLUMN;
        if (column === NO_COLUMN) continue;
        const at = own + firstCode + column;
        values[at] = (values[at] ?? 0) + curvature;
      }
    }
  }
}
