import { expandGrid, GRID_NAMES, searchedTrials, settingOfRun } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { ListedRow } from '../database/listed-row';
import { asDate, sqlOf, type Row } from '../database/transaction';
import type { WaitOf } from '../stages/source-waits';

/** The progress of one run of a request: for people who wait for it. */
export interface RunStanding {
  readonly run: string;
  readonly source: string;
  readonly product: number;
  readonly goal: string;
  readonly grid: string;
  /** The stage that is queued or in progress; the last one once the run has ended. */
  readonly stage: string;
  /** True if some unit of the stage is in progress, not only queued. */
  readonly working: boolean;
  /** The unavailable source that it waits for; null if it waits for none. */
  readonly waiting: WaitOf | null;
  /** Null while the run is in progress. */
  readonly outcome: string | null;
  readonly reason: string | null;
  /** Details of the end; `message` explains it in a sentence. */
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly trialsSettled: number;
  /** Total number of trials of the run; null if this release does not know its grid or search. */
  readonly trialsTotal: number | null;
  /** Lowest natural validation log-loss so far of the trials that may win. */
  readonly best: number | null;
}

const RUNS = `
  SELECT r.run_id, r.source, r.product, r.goal, r.grid, r.stage, r.outcome, r.reason, r.error, r.policy
    FROM factory_request_run a JOIN factory_run r ON r.run_id = a.run_id
   WHERE a.request_key = ? ORDER BY r.source, r.product, r.goal`;

const OPEN_WORK = `
  SELECT s.run_id, s.stage, MAX(s.status = 'leased') AS working, MIN(s.wait_since) AS wait_since,
         MAX(s.refused_since IS NOT NULL) AS refused
    FROM factory_request_run a JOIN factory_stage s ON s.run_id = a.run_id
   WHERE a.request_key = ? AND s.status IN ('queued', 'leased')
   GROUP BY s.run_id, s.stage`;

const TRIALS = `
  SELECT t.run_id, COUNT(*) AS settled, MIN(IF(t.status = 'done', t.natural_validation_log_loss, NULL)) AS best
    FROM factory_request_run a
    JOIN agg_propensity_model_train_hyperparameter t ON t.run_id = a.run_id
   WHERE a.request_key = ? AND t.train_from IS NULL GROUP BY t.run_id`;

/** All runs that answer a request: three statements, however many runs. */
export async function standingsOf(dataSource: DataSource, requestKey: string): Promise<RunStanding[]> {
  const sql = sqlOf(dataSource);
  const [runs, open, trials] = await Promise.all([
    sql.rows(RUNS, [requestKey]),
    sql.rows(OPEN_WORK, [requestKey]),
    sql.rows(TRIALS, [requestKey]),
  ]);
  const openOf = byRun(open);
  const trialsOf = byRun(trials);
  return runs.map((row) => {
    const run = String(row['run_id']);
    const work = row['outcome'] === null ? openOf.get(run) : undefined;
    const tried = trialsOf.get(run);
    return {
      run,
      source: String(row['source']),
      product: Number(row['product']),
      goal: String(row['goal']),
      grid: String(row['grid']),
      stage: String(work?.['stage'] ?? row['stage']),
      working: Number(work?.['working'] ?? 0) === 1,
      waiting: waitOf(row, work),
      outcome: (row['outcome'] as string | null) ?? null,
      reason: (row['reason'] as string | null) ?? null,
      details: new ListedRow(row).object('error'),
      trialsTotal: trialsPlanned(row),
      trialsSettled: Number(tried?.['settled'] ?? 0),
      best: tried?.['best'] == null ? null : Number(tried['best']),
    };
  });
}

function waitOf(run: Row, work: Row | undefined): WaitOf | null {
  const since = asDate(work?.['wait_since']);
  return since && { source: String(run['source']), since, refused: Number(work?.['refused']) === 1 };
}

function trialsPlanned(row: Row): number | null {
  const grid = GRID_NAMES.find((name) => name === row['grid']);
  const policy = new ListedRow(row).object('policy');
  const [search, searchTrials] = [settingOfRun(policy, 'search'), settingOfRun(policy, 'searchTrials')];
  if (!grid || search === undefined || searchTrials === undefined) return null;
  return searchedTrials(expandGrid(grid).length, { search, searchTrials });
}

function byRun(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [String(row['run_id']), row]));
}
