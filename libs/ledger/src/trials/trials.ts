import {
  checkFamily,
  isOfFamily,
  type NetworkSettings,
  type Trial,
  type TrialSettings,
} from '@factory/domain';
import type { DataSource } from 'typeorm';
import { asDate, fromJson, sqlOf, type Row, type Sql, type SqlValue } from '../database/transaction';
import type { RunHeader } from '../events/event-drafts';

/**
 * `halted`: stopped by the search because others did better; its figures are those on validation rows so far.
 */
export type TrialStatus = 'done' | 'halted' | 'diverged' | 'failed' | 'crashed';

/** Figures of one trial in the columns of rules R5; null if the trial did not get that far. */
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

/** A trial and its result. */
export type TrialRow = Trial & TrialFigures & { readonly status: TrialStatus };

/** Settings of networks, which have their own columns; those of all families are stored as JSON. */
const NETWORK_COLUMNS = {
  node1: 'node1',
  node2: 'node2',
  dropout1: 'dropout1',
  dropout2: 'dropout2',
  optimizer: 'optimizer',
  learningRate: 'learning_rate',
  lrAnnealing: 'lr_annealing',
  batchSize: 'batch_size',
  epochs: 'epochs',
} as const satisfies Record<keyof NetworkSettings, string>;

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

/** A trial as it is stored. */
export type StoredTrial = TrialRow & {
  /** Start of its training rows, if it was trained on a part of the run's window (rules R1); ISO 8601, UTC. */
  readonly trainFrom: string | null;
};

const COLUMNS = [
  ...['run_id', 'trial', 'source', 'product', 'goal', 'train_from', 'status', 'family', 'settings'],
].concat(Object.values(NETWORK_COLUMNS), Object.values(FIGURES));

/**
 * Writes trials; safe to repeat: a repeated trial replaces its row.
 *
 * @param trainFrom start of their training rows, if not the window's; ISO 8601
 */
export async function recordTrials(
  sql: Sql,
  header: RunHeader,
  trials: readonly TrialRow[],
  trainFrom?: string,
): Promise<void> {
  if (trials.length === 0) return;
  const row = `(${COLUMNS.map(() => '?').join(', ')})`;
  await sql.change(
    `REPLACE INTO agg_propensity_model_train_hyperparameter (${COLUMNS.join(', ')})
     VALUES ${trials.map(() => row).join(', ')}`,
    trials.flatMap((trial): SqlValue[] => [
      header.run,
      trial.trial,
      header.source,
      header.product,
      header.goal,
      trainFrom === undefined ? null : new Date(trainFrom),
      trial.status,
      trial.family,
      JSON.stringify(trial.settings),
      ...networkColumnsOf(trial),
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

/** The results of a run's trials, counted by status; without those of a part of its window, which are none of the search. */
export async function countTrials(sql: Sql, run: string): Promise<TrialCounts> {
  const [row] = await sql.rows(
    `SELECT COUNT(*) AS trials, COALESCE(SUM(status = 'done'), 0) AS done,
            COALESCE(SUM(status = 'halted'), 0) AS halted
       FROM agg_propensity_model_train_hyperparameter WHERE run_id = ? AND train_from IS NULL`,
    [run],
  );
  const [done, halted] = [Number(row?.['done'] ?? 0), Number(row?.['halted'] ?? 0)];
  return { done, halted, failed: Number(row?.['trials'] ?? 0) - done - halted };
}

/** All trials of a run, by number. @throws NewerVersionError for a family of a later release */
export async function trialsOf(dataSource: DataSource, run: string): Promise<StoredTrial[]> {
  const rows = await sqlOf(dataSource).rows(
    'SELECT * FROM agg_propensity_model_train_hyperparameter WHERE run_id = ? ORDER BY trial',
    [run],
  );
  return rows.map(trialOf);
}

/** One trial of a run; undefined if it does not exist. @throws NewerVersionError */
export async function findTrial(sql: Sql, run: string, trial: number): Promise<StoredTrial | undefined> {
  const [row] = await sql.rows(
    'SELECT * FROM agg_propensity_model_train_hyperparameter WHERE run_id = ? AND trial = ?',
    [run, trial],
  );
  return row && trialOf(row);
}

/** The highest number of a run's trials; 0 if it has none. */
export async function highestTrial(sql: Sql, run: string): Promise<number> {
  const [row] = await sql.rows(
    'SELECT MAX(trial) AS highest FROM agg_propensity_model_train_hyperparameter WHERE run_id = ?',
    [run],
  );
  return Number(row?.['highest'] ?? 0);
}

function trialOf(row: Row): StoredTrial {
  const figures = Object.fromEntries(keysOf(FIGURES).map((field) => [field, row[FIGURES[field]] ?? null]));
  return {
    ...(figures as unknown as TrialFigures),
    trial: Number(row['trial']),
    ...settingsOf(row),
    status: row['status'] as TrialStatus,
    trainFrom: asDate(row['train_from'])?.toISOString() ?? null,
  };
}

/** As `recordTrials` wrote them, from a trial of that family. @throws NewerVersionError */
function settingsOf(row: Row): TrialSettings {
  const family = checkFamily(row['family'], 'trial.family');
  const settings = fromJson<TrialSettings['settings']>(row['settings']) ?? networkSettingsOf(row);
  return { family, settings } as TrialSettings;
}

/** Null for other families. */
function networkColumnsOf(trial: Trial): SqlValue[] {
  const settings = isOfFamily(trial, 'network') ? trial.settings : undefined;
  return keysOf(NETWORK_COLUMNS).map((field) => settings?.[field] ?? null);
}

/** The settings in a row by a release that knew only networks. */
function networkSettingsOf(row: Row): NetworkSettings {
  const settings = keysOf(NETWORK_COLUMNS).map((field) => [field, row[NETWORK_COLUMNS[field]]] as const);
  return Object.fromEntries(settings) as unknown as NetworkSettings;
}

function storable(value: string | number | null): SqlValue {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return value?.slice(0, 1000) ?? null;
}

function keysOf<T extends object>(of: T): (keyof T)[] {
  return Object.keys(of) as (keyof T)[];
}
