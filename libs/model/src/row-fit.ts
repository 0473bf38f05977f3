import { FactoryError, foldedName } from '@factory/domain';
import type { CellFinding, Feature, OnFinding, Transform } from '@factory/normalisation';
import { LEAST_ROWS, isFarAbove, shareInTraining } from './fit-rule';

const FINDINGS = ['unknown', 'unseen', 'outside'] as const satisfies readonly CellFinding[];
const WORDS: Readonly<Record<CellFinding, string>> = {
  unknown: 'unknown',
  unseen: 'never seen in training',
  outside: 'outside the range of training',
};

/** Counts unusual values of rows while they are scored. */
export class FitCounts {
  rows = 0;
  /** Rows with at least one such value. */
  readonly rowsWith: Record<CellFinding, number> = { unknown: 0, unseen: 0, outside: 0 };
  private readonly counts = new Map<string, Record<CellFinding, number>>();
  private readonly inRow = new Set<CellFinding>();

  /** Pass it to `Scorer.score`. */
  readonly onFinding: OnFinding = (column, finding) => {
    const of = this.of(column);
    of[finding]++;
    this.counts.set(column, of);
    this.inRow.add(finding);
  };

  /** Call it after each row. */
  endRow(): void {
    this.rows++;
    for (const finding of this.inRow) this.rowsWith[finding]++;
    this.inRow.clear();
  }

  of(column: string): Record<CellFinding, number> {
    return this.counts.get(column) ?? { unknown: 0, unseen: 0, outside: 0 };
  }
}

export interface FitOptions {
  /** Columns that may be absent: they count as unknown. Default none. */
  readonly allowMissing?: 'all' | readonly string[];
  /** Whether fractions far above those of training are accepted. Default false. */
  readonly allowUnfit?: boolean;
}

/** A fraction far above that of training. */
export interface UnfitColumn {
  readonly column: string;
  readonly finding: CellFinding;
  /** Rows with the finding. */
  readonly count: number;
  readonly share: number;
  readonly shareInTraining: number;
}

export interface RowFit {
  /** Columns of the model that the rows lack: unknown for every row. */
  readonly missingColumns: readonly string[];
  /** Empty below 200 rows. */
  readonly unfit: readonly UnfitColumn[];
  /**
   * Whether the model's files record how often values were unknown in training; otherwise unknown ones cannot
   * be judged.
   */
  readonly unknownRecorded: boolean;
}

/** The rows differ from what the model was trained on; its scores would look plausible but mean nothing. */
export class UnfitRowsError extends FactoryError {
  constructor(
    code: 'foreign-rows' | 'missing-columns' | 'unfit-columns',
    message: string,
    readonly fit: RowFit,
  ) {
    super(code, message, false);
  }
}

/**
 * Decides whether rows fit a model, in the same way for files and requests: a missing column is refused unless
 * allowed; rows with none of the model's columns always; and from 200 rows on a fraction of unknown, unseen or
 * out-of-range values that is far above that in training (`isFarAbove`), unless allowed.
 *
 * @param present the model's columns that the rows have, by the model's names (see `matchColumns`)
 * @param counts of the rows scored so far
 * @throws UnfitRowsError `foreign-rows`, `missing-columns`, `unfit-columns`
 */
export function checkRowFit(
  transform: Pick<Transform, 'features' | 'rows'>,
  present: { has(column: string): boolean },
  counts: FitCounts,
  { allowMissing = [], allowUnfit = false }: FitOptions = {},
): RowFit {
  const { features } = transform;
  const missingColumns = features.flatMap(({ column }) => (present.has(column) ? [] : [column]));
  const unfit = features
    .filter(({ column }) => present.has(column))
    .flatMap((feature) => unfitOf(feature, transform, counts));
  const unknownRecorded = features.every(({ training }) => training !== undefined);
  const fit = { missingColumns, unfit, unknownRecorded };
  if (missingColumns.length === features.length) throw foreign(fit);
  const allowed = allowMissing === 'all' ? undefined : new Set(allowMissing.map(foldedName));
  const refused = allowed ? missingColumns.filter((one) => !allowed.has(foldedName(one))) : [];
  if (refused.length > 0) throw lacking(refused, fit);
  if (unfit.length > 0 && !allowUnfit) throw tooOdd(counts.rows, fit);
  return fit;
}

function unfitOf(feature: Feature, transform: Pick<Transform, 'rows'>, counts: FitCounts): UnfitColumn[] {
  const { column } = feature;
  const found = counts.of(column);
  return FINDINGS.flatMap((finding) => {
    const training = shareInTraining(feature, transform, finding);
    const count = found[finding];
    const rows = finding === 'unknown' ? counts.rows : counts.rows - found.unknown;
    if (!training || !isFarAbove(count, rows, training)) return [];
    return [{ column, finding, count, share: count / rows, shareInTraining: training.count / training.rows }];
  });
}

/** Maximum number of names in messages; the others are counted. */
const MOST_NAMES = 20;

function foreign(fit: RowFit): UnfitRowsError {
  const text = `none of the model's columns is there: give rows with ${listed(fit.missingColumns)}`;
  return new UnfitRowsError('foreign-rows', text, fit);
}

function lacking(columns: readonly string[], fit: RowFit): UnfitRowsError {
  const text =
    `missing columns: ${listed(columns)}. Give them, or allow them to be unknown in every row ` +
    '(--allow-missing with their names, or all)';
  return new UnfitRowsError('missing-columns', text, fit);
}

function tooOdd(rows: number, fit: RowFit): UnfitRowsError {
  const lines = fit.unfit.slice(0, MOST_NAMES).map((one) => `  ${describeUnfit(one)}`);
  const rest = fit.unfit.length > MOST_NAMES ? [`  and ${fit.unfit.length - MOST_NAMES} more`] : [];
  const text =
    `${fit.unfit.length === 1 ? 'a column is' : `${fit.unfit.length} columns are`} not as in training ` +
    `(of ${rows} rows; refused from ${LEAST_ROWS} rows on):\n${[...lines, ...rest].join('\n')}\n` +
    'correct the rows, train again on such rows, or take the scores as they are (--allow-unfit)';
  return new UnfitRowsError('unfit-columns', text, fit);
}

/** `device: 43.0 % never seen in training, 0.2 % expected`. */
export function describeUnfit({ column, finding, share, shareInTraining }: UnfitColumn): string {
  const training = finding === 'unknown' ? 'in training' : 'expected';
  return `${column}: ${percent(share)} ${WORDS[finding]}, ${percent(shareInTraining)} ${training}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function listed(names: readonly string[]): string {
  const rest = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return `${names.slice(0, MOST_NAMES).join(', ')}${rest}`;
}
