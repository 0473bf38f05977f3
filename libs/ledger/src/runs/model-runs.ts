import { fromJson, type Row, type Sql } from '../database/transaction';

/** Version of the rows in `attrib_propensity_model_run`. */
export const MODEL_RUN_SCHEMA_VERSION = 1;

type Json = Readonly<Record<string, unknown>>;

const RUN = 'SELECT * FROM factory_run WHERE run_id = ?';
const STAGES = `
  SELECT stage, shard, status, output, claimed_seconds, start_delay_ms, queued_at, claimed_at, settled_at
    FROM factory_stage WHERE run_id = ? AND status IN ('done', 'failed') ORDER BY settled_at`;
const RECORD = `
  REPLACE INTO attrib_propensity_model_run
    (run_id, source, product, goal, outcome, reason, train_window, candidates, counts, f1, f0, winner, verdict,
     version, timings, locations, code_version, schema_version, created_at, finished_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Writes the report row of a finished run from the outputs of its stages in the ledger; safe to repeat. */
export async function recordModelRun(sql: Sql, run: string, codeVersion: string): Promise<void> {
  const [row] = await sql.rows(RUN, [run]);
  if (!row) return;
  const stages = await sql.rows(STAGES, [run]);
  const outputOf = (stage: string): Json => lastOutput(stages, stage);
  const prepared = outputOf('data-prep');
  const drawn = outputOf('sampling');
  const counts = drawn['counts'] as { f1?: number; f0?: number } | undefined;
  const planned = outputOf('trainer-plan');
  const judged = outputOf('evaluator');
  const published = outputOf('publisher');
  const text = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
  await sql.change(RECORD, [
    run,
    String(row['source']),
    Number(row['product']),
    String(row['goal']),
    String(row['outcome']),
    (row['reason'] as string | null) ?? null,
    // What the candidate was trained on: a shorter one than was prepared, if windows were compared.
    text(judged['window'] ?? prepared['window']),
    text(prepared['candidates']),
    text(counts),
    counts?.f1 ?? null,
    counts?.f0 ?? null,
    text(judged['candidate']),
    text(judged['verdict']),
    (published['version'] as string | undefined) ?? null,
    JSON.stringify(stages.map(timing)),
    JSON.stringify({
      dataset: drawn['dataset'],
      samplingLedger: drawn['ledger'],
      transform: planned['transform'],
      logistic: planned['logistic'],
      report: judged['report'],
      scores: judged['scores'],
      bundle: published['location'],
    }),
    codeVersion,
    MODEL_RUN_SCHEMA_VERSION,
    row['created_at'] as Date,
    row['finished_at'] as Date,
  ]);
}

function lastOutput(stages: readonly Row[], stage: string): Json {
  const outputs = stages.filter((one) => one['stage'] === stage && one['status'] === 'done');
  return fromJson<Json>(outputs.at(-1)?.['output']) ?? {};
}

function timing(row: Row): Json {
  return {
    stage: row['stage'],
    shard: row['shard'],
    queuedAt: row['queued_at'],
    claimedAt: row['claimed_at'],
    settledAt: row['settled_at'],
    claimedSeconds: Number(row['claimed_seconds']),
  };
}
