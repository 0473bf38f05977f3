import { MARK_LIMITS } from '@factory/domain';
import type { Report } from '@factory/model';
import type { Transform } from '@factory/normalisation';
import type { KernelBuild } from '@factory/training-kernel';
import type { ScoredModel } from './batch-scorer';
import { judgedRowsOf } from './judged-rows';
import type { JudgementInput } from './judgement-input';
import type { JudgingRows } from './judging-rows';
import { permutationImportance, rowsForImportance } from './permutation-importance';
import { RowSample, takeRows } from './row-sample';
import type { ScoredVisits } from './score-visits';

/** A sample of both parts that may judge: which of their rows do is known only when all have been counted. */
export function sampleFor(
  { features }: Transform,
  { drawn, outOfTime }: JudgementInput['counts'],
): RowSample {
  return new RowSample(rowsForImportance(features.length), {
    test: MARK_LIMITS.test * (drawn.goals + drawn.others),
    'out-of-time': outOfTime.goals + outOfTime.others,
  });
}

/** Permutation importance of the candidate's columns on the judging rows of the sample. */
export function importanceOf(
  model: ScoredModel,
  visits: ScoredVisits,
  { rows }: JudgingRows,
  kernel: KernelBuild,
): NonNullable<Report['importance']> {
  const { sample } = visits;
  const isJudging = new Set(rows);
  const places = Uint32Array.from(sample.rows.keys()).filter((at) => isJudging.has(sample.rows[at] ?? -1));
  const judged = judgedRowsOf(
    visits,
    places.map((at) => sample.rows[at] ?? 0),
  );
  const columns = sample.columns.map((column) => takeRows(column, places));
  return {
    rows: places.length,
    columns: places.length === 0 ? [] : permutationImportance(model, { columns, ...judged }, kernel),
  };
}
