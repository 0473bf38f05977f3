import type { NumberedCombination } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { sqlOf, type Row, type Sql, type SqlValue } from '../database/transaction';
import type { RunHeader } from '../events/event-drafts';

/** `halted`: stopped by the search because others did better; it has the figures on validation rows it had reached. */
export type TrialStatus = 'done' | 'halted' | 'diverged' | 'failed' | 'crashed';

/** Figures of one trial in the columns of rules R5; null where the trial did not get so far. */
export interface TrialFigures {
  readonly epochsRun: number | null;
  readonly rateDrops: number | null;
  readonly trainLoss: number | null;
  readonly trainAccuracy: number | null;
  readonly validationLoss: number | null;
  readonly validationAccuracy: number | null;
  readonly testLoss: number | null;
  readonly testAccuracy: number | null;
  readonly testPrecision: number | null;
  readonly testRecall: number | null;
  readonly naturalValidationLogLoss: number | null;
  readonly naturalTestLogLoss: number | null;
  readonly rocAuc: number | null;
  readonly prAuc: number | null;
  readonly parameters: number | null;
  readonly seconds: number | null;
  readonly rowsPerSecond: number | null;
  readonly engine: string | null;
  readonly error: string | null;
}

export interface TrialRow extends TrialFigures {
  readonly combination: NumberedCombination;
  readonly status: TrialStatus;
}

const SETTINGS = {
  node1: 'node1',
  node2: 'node2',
  dropout1: 'dropout1',
  dropout2: 'dropout2',
  optimizer: 'optimizer',
  learningRate: 'learning_rate',
  lrAnnealing: 'lr_annealing',
  batchSize: 'batch_size',
  epochs: 'epochs',
} as const satisfies Partial<Record<keyof NumberedCombination, string>>;

const FIGURES = {
  epochsRun: 'epochs_run',
  rateDrops: 'rate_drops',
  trainLoss: 'train_loss',
  trainAccuracy: 'train_accuracy',
  validationLoss: 'validation_loss',
  validationAccuracy: 'validation_accuracy',
  testLoss: 'test_loss',
  testAccuracy: 'test_accuracy',
  testPrecision: 'test_precision',
  testRecall: 'test_recall',
  naturalValidationLogLoss: 'natural_validation_log_loss',
  naturalTestLogLoss: 'natural_test_log_loss',
  rocAuc: 'roc_auc',
  prAuc: 'pr_auc',
  parameters: 'parameters',
  seconds: 'seconds',
  rowsPerSecond: 'rows_per_second',
  engine: 'engine',
  error: 'error',
} as const satisfies Record<keyof TrialFigures, string>;

const COLUMNS = ['run_id', 'trial', 'source', 'product', 'goal', 'status'].concat(
  Object.values(SETTINGS),
  Object.values(FIGURES),
);

/** Writes trials, once however often: a repeated trial replaces its row. */
export async function recordTrials(sql: Sql, header: RunHeader, trials: readonly TrialRow[]): Promise<void> {
  if (trials.length === 0) return;
  const row = `(${COLUMNS.map(() => '?').join(', ')})`;
  await sql.change(
    `REPLACE INTO agg_propensity_model_train_hyperparameter (${COLUMNS.join(', ')})
     VALUES ${trials.map(() => row).join(', ')}`,
    trials.flatMap((trial): SqlValue[] => [
      header.run,
      trial.combination.trial,
      header.source,
      header.product,
      header.goal,
      trial.status,
      ...keysOf(SETTINGS).map((field) => trial.combination[field]),
      ...keysOf(FIGURES).map((field) => storable(trial[field])),
    ]),
  );
}

export interface TrialCounts {
  /** Trained to their end: these may win. */
  readonly done: number;
  /** Stopped by the search. */
  readonly halted: number;
  /** Diverged, failed, crashed, or lost with their group. */
  readonly failed: number;
}

/** What became of the trials of a run. */
export async function countTrials(sql: Sql, run: string): Promise<TrialCounts> {
  const [row] = await sql.rows(
    `SELECT COUNT(*) AS trials, COALESCE(SUM(status = 'done'), 0) AS done,
            COALESCE(SUM(status = 'halted'), 0) AS halted
       FROM agg_propensity_model_train_hyperparameter WHERE run_id = ?`,
    [run],
  );
  const [done, halted] = [Number(row?.['done'] ?? 0), Number(row?.['halted'] ?? 0)];
  return { done, halted, failed: Number(row?.['trials'] ?? 0) - done - halted };
}

/** Every trial of a run, by number. */
export async function trialsOf(dataSource: DataSource, run: string): Promise<TrialRow[]> {
  const rows = await sqlOf(dataSource).rows(
    'SELECT * FROM agg_propensity_model_train_hyperparameter WHERE run_id = ? ORDER BY trial',
    [run],
  );
  return rows.map(trialOf);
}

function trialOf(row: Row): TrialRow {
  const settings = Object.fromEntries(keysOf(SETTINGS).map((field) => [field, row[SETTINGS[field]]]));
  const figures = Object.fromEntries(keysOf(FIGURES).map((field) => [field, row[FIGURES[field]] ?? null]));
  return {
    ...(figures as unknown as TrialFigures),
    combination: { trial: Number(row['trial']), ...settings } as unknown as NumberedCombination,
    status: row['status'] as TrialStatus,
  };
}

function storable(value: string | number | null): SqlValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return value?.slice(0, 1000) ?? null;
}

function keysOf<T extends object>(of: T): (keyof T)[] {
  return Object.keys(of) as (keyof T)[];
}
