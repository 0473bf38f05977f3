import type { Column } from '@factory/domain';
import { isTooGood, type CheckLimits, type WithoutTable } from '@factory/judgement';
import { LogisticModel, decodeLogistic, type LogisticWeights } from '@factory/model';
import { applyTransform, outputNames, transformWithout, type Transform } from '@factory/normalisation';
import { rankScores, rocAuc } from '@factory/metrics';
import { fitBaseline } from './fit-baseline';
import type { KeptRows, TrainRows } from './train-rows';

/** A feature table of the source, with its columns as the dataset names them. */
export interface FeatureTable {
  readonly table: string;
  readonly columns: readonly string[];
  /** Computed from whole visits (rules R3). */
  readonly isWholeVisit: boolean;
}

/** What has to be known to suspect a table. */
export interface TableQuestion {
  readonly limits: CheckLimits;
  readonly tables: readonly FeatureTable[];
}

/** How the baseline ranks validation rows, as drawn and without weights. */
export interface BaselineRanking {
  readonly auc: number;
  readonly rows: number;
  readonly goals: number;
  /** What it is without each table, or without a column; empty unless it is too good to be true. */
  readonly without: readonly WithoutTable[];
}

/** Columns that are left out one by one, where there is one table only. */
export const COLUMNS_LEFT_OUT = 8;
/** Columns that a finding names. */
const COLUMNS_NAMED = 3;
/** Most train rows that the baseline is fitted to again; of more, every second, third and so on. */
const MOST_ROWS = 50_000;
/** Rows transformed at a time. */
const BLOCK_ROWS = 4096;

/**
 * The joint leak check: if the baseline is too good on rows that it was not fitted to, it is fitted again without each
 * feature table in turn. In a source with one table, without each of the columns that it relies on most.
 *
 * @param file the baseline on all columns, `logistic.json`
 */
export function suspectTables(
  train: TrainRows,
  transform: Transform,
  file: Uint8Array,
  { limits, tables }: TableQuestion,
): BaselineRanking {
  const { validation } = train;
  const weights = decodeLogistic(file);
  const goals = validation.labels.reduce((sum, label) => sum + label, 0);
  const auc = aucOf(weights, transform, validation);
  const ranked = { auc, goals, others: validation.rows - goals };
  const isAsked = limits.checks['leak-table'].severity !== 'off' && isTooGood(ranked, limits);
  const leftOut = isAsked ? leftOutOf(tables, strongestColumns(weights, transform, validation)) : [];
  const some = leftOut.length > 0 ? thinned(train, MOST_ROWS) : train;
  return {
    auc,
    rows: validation.rows,
    goals,
    without: leftOut.map(({ name, columns, strongest, isWholeVisit }) => ({
      table: name,
      aucWith: auc,
      aucWithout: aucWithout(some, validation, transform, new Set(columns)),
      isWholeVisit,
      columns: strongest,
    })),
  };
}

interface LeftOut {
  readonly name: string;
  readonly columns: readonly string[];
  readonly isWholeVisit: boolean;
  readonly strongest: readonly string[];
}

function leftOutOf(tables: readonly FeatureTable[], strongest: readonly string[]): LeftOut[] {
  const used = tables.filter(({ columns }) => columns.some((column) => strongest.includes(column)));
  if (used.length > 1)
    return used.map(({ table, columns, isWholeVisit }) => {
      const own = strongest.filter((column) => columns.includes(column));
      return { name: table, columns, isWholeVisit, strongest: own.slice(0, COLUMNS_NAMED) };
    });
  const isWholeVisit = used[0]?.isWholeVisit ?? false;
  return strongest
    .slice(0, COLUMNS_LEFT_OUT)
    .map((column) => ({ name: column, columns: [column], isWholeVisit, strongest: [] }));
}

/** Every n-th row, so that there are at most so many. */
export function thinned(rows: KeptRows, most: number): KeptRows {
  const step = Math.ceil(rows.rows / most);
  if (step <= 1) return rows;
  const isKept = (_: number, row: number): boolean => row % step === 0;
  const labels = rows.labels.filter(isKept);
  const columns = rows.columns.map((column): Column =>
    column.kind === 'number'
      ? { ...column, values: column.values.filter(isKept) }
      : { ...column, codes: column.codes.filter(isKept) },
  );
  return { columns, labels, rows: labels.length };
}

function aucWithout(
  train: KeptRows,
  validation: KeptRows,
  transform: Transform,
  columns: ReadonlySet<string>,
): number {
  const less = transformWithout(transform, columns);
  const { file } = less ? fitBaseline(train, less, () => 0) : {};
  return less && file ? aucOf(decodeLogistic(file), less, validation) : 0.5;
}

/** 0 if the rows hold one class. */
function aucOf(weights: LogisticWeights, transform: Transform, of: KeptRows): number {
  const model = new LogisticModel(weights);
  const scores = new Float64Array(of.rows);
  for (const { first, matrix, rows, width } of blocksOf(transform, of))
    scores.set(model.logits(matrix, rows, width), first);
  return rocAuc(rankScores(scores, of.labels, new Float64Array(of.rows).fill(1)));
}

/** The transform's columns by the standard deviation of what each adds to the logit. */
function strongestColumns({ weights }: LogisticWeights, transform: Transform, of: KeptRows): string[] {
  const columns = transform.features.map(({ column }) => ({ column, sum: 0, squares: 0 }));
  const widths = transform.features.map((feature) => outputNames(feature).length);
  for (const { matrix, rows } of blocksOf(transform, of)) {
    let at = 0;
    for (let row = 0; row < rows; row++) {
      let output = 0;
      columns.forEach((column, index) => {
        let added = 0;
        for (const end = output + (widths[index] ?? 0); output < end; output++)
          added += (weights[output] ?? 0) * (matrix[at++] ?? 0);
        column.sum += added;
        column.squares += added * added;
      });
    }
  }
  const variance = (one: { sum: number; squares: number }) => one.squares - one.sum ** 2 / of.rows;
  return columns.sort((a, b) => variance(b) - variance(a)).map(({ column }) => column);
}

function* blocksOf(transform: Transform, { columns, rows }: KeptRows) {
  for (let first = 0; first < rows; first += BLOCK_ROWS) {
    const numbers = Uint32Array.from({ length: Math.min(BLOCK_ROWS, rows - first) }, (_, at) => first + at);
    yield { first, ...applyTransform(transform, columns, numbers) };
  }
}
