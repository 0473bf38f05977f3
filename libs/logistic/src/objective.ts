import { NO_COLUMN, type MatrixLayout } from '@factory/normalisation';
import { rowLogits } from './row-logits';
import { placesOf, type RowBlock, type RowSample, type TrainingRows } from './training-rows';

/** The objective at a point: row weight x the sum of log-losses + half the squared length of the weights. */
export interface ObjectivePoint {
  /** [1 + width] intercept, dense columns, codes. */
  readonly parameters: Float64Array;
  readonly value: number;
  /** [1 + width] derivatives of `value`. */
  readonly gradient: Float64Array;
}

/** One pass over the rows. The intercept is not penalised. */
export function objectiveAt(
  source: TrainingRows,
  { step, rowWeight }: RowSample,
  parameters: Float64Array,
): ObjectivePoint {
  const gradient = new Float64Array(parameters.length);
  let loss = 0;
  for (const block of source.blocks(step)) loss += addBlock(block, source.layout, parameters, gradient);
  let squares = 0;
  for (let at = 0; at < parameters.length; at++) {
    const weight = at === 0 ? 0 : (parameters[at] ?? 0);
    squares += weight * weight;
    gradient[at] = rowWeight * (gradient[at] ?? 0) + weight;
  }
  return { parameters, value: rowWeight * loss + squares / 2, gradient };
}

/** @param gradient to which the block's part is added @returns the block's sum of log-losses, nats */
function addBlock(
  block: RowBlock,
  layout: MatrixLayout,
  parameters: Float64Array,
  gradient: Float64Array,
): number {
  const { rows, features, codes, labels } = block;
  const logitOf = rowLogits(block, layout, parameters);
  const dense = layout.denseColumns.length;
  const groups = layout.groups.length;
  const firstCode = placesOf(layout).codes;
  let loss = 0;
  let errors = 0;
  for (let row = 0; row < rows; row++) {
    const from = row * dense;
    const codesFrom = row * groups;
    const logit = logitOf(row);
    const isGoal = labels[row] === 1;
    // exp of what is never positive: no overflow, and all digits of the smaller of the two probabilities.
    const small = Math.exp(-Math.abs(logit));
    const isSurprise = isGoal === logit < 0;
    loss += Math.log1p(small) + (isSurprise ? Math.abs(logit) : 0);
    const surprise = (isSurprise ? 1 : small) / (1 + small);
    const error = isGoal ? -surprise : surprise;
    errors += error;
    for (let column = 0; column < dense; column++) {
      const at = column + 1;
      gradient[at] = (gradient[at] ?? 0) + error * (features[from + column] ?? 0);
    }
    for (let group = 0; group < groups; group++) {
      const code = codes[codesFrom + group] ?? NO_COLUMN;
      if (code !== NO_COLUMN) gradient[firstCode + code] = (gradient[firstCode + code] ?? 0) + error;
    }
  }
  gradient[0] = (gradient[0] ?? 0) + errors;
  return loss;
}
