import { NO_COLUMN, type MatrixLayout } from '@factory/normalisation';
import { placesOf, type RowBlock } from './training-rows';

/** @returns the logit of a row of the block */
export function rowLogits(
  { features, codes }: RowBlock,
  layout: MatrixLayout,
  parameters: Float64Array,
): (row: number) => number {
  const dense = layout.denseColumns.length;
  const groups = layout.groups.length;
  const firstCode = placesOf(layout).codes;
  return (row) => {
    const from = row * dense;
    let logit = parameters[0] ?? 0;
    for (let column = 0; column < dense; column++)
      logit += (features[from + column] ?? 0) * (parameters[column + 1] ?? 0);
    for (let at = row * groups; at < (row + 1) * groups; at++) {
      const code = codes[at] ?? NO_COLUMN;
      if (code !== NO_COLUMN) logit += parameters[firstCode + code] ?? 0;
    }
    return logit;
  };
}
