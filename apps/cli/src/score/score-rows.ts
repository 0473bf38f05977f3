import type { RawRow } from '@factory/domain';
import type { DecodedBundle, Scorer } from '@factory/model';
import { isUnknown } from '../import/column-kinds';

export const SCORE_COLUMNS = ['probability', 'percentile'] as const;
export const VERBOSE_COLUMNS = [...SCORE_COLUMNS, 'logit'] as const;

/** A loaded model as scoring a file needs it. */
export interface FileModel {
  readonly scorer: Pick<Scorer, 'score'>;
  readonly bundle: { readonly transform: Pick<DecodedBundle['transform'], 'features'> };
}

export interface ScoreSummary {
  readonly visits: number;
  readonly meanProbability: number | null;
  /** Columns that the model knows and the file lacks: unknown for every visit. */
  readonly missingColumns: readonly string[];
  /** Values that training never saw, by column. */
  readonly unseen: Readonly<Record<string, number>>;
}

/**
 * Scores visits one by one and hands each on with its figures beside the original columns.
 *
 * @param emit awaited for every visit, so that a slow writer slows the reading
 */
export async function scoreRows(
  rows: AsyncIterable<RawRow>,
  columns: readonly string[],
  model: FileModel,
  verbose: boolean,
  emit: (row: RawRow) => Promise<void> | void,
): Promise<ScoreSummary> {
  const known = knownRow(model);
  const unseen: Record<string, number> = {};
  let visits = 0;
  let sum = 0;
  for await (const row of rows) {
    const { probability, percentile, logit, unseen: surprising } = model.scorer.score(known(row));
    for (const column of surprising) unseen[column] = (unseen[column] ?? 0) + 1;
    visits++;
    sum += probability;
    await emit({ ...row, probability, percentile, ...(verbose ? { logit } : {}) });
  }
  return {
    visits,
    meanProbability: visits === 0 ? null : sum / visits,
    missingColumns: featuresOf(model).flatMap(({ column }) => (columns.includes(column) ? [] : [column])),
    unseen,
  };
}

/** Words for "nobody knows" mean in a file what they mean to `import`, unless training knew them as a level. */
function knownRow(model: FileModel): (row: RawRow) => RawRow {
  const features = featuresOf(model).map((feature) => ({
    column: feature.column,
    levels: new Set(feature.kind === 'category' ? [...feature.levels, ...feature.rest] : []),
  }));
  return (row) =>
    Object.fromEntries(
      features.map(({ column, levels }) => {
        const value = row[column];
        const unknown = typeof value === 'string' && isUnknown(value) && !levels.has(value);
        return [column, unknown ? null : value];
      }),
    );
}

function featuresOf({ bundle }: FileModel): DecodedBundle['transform']['features'] {
  return bundle.transform.features;
}
