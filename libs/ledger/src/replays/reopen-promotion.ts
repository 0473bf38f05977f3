import type { EventBody } from '@factory/contracts';
import { BadInputError } from '@factory/domain';
import { fromJson, isDuplicateKey, type Sql } from '../database/transaction';
import { insertEvents, type StoredEvent } from '../events/event-drafts';
import { recordAudit } from '../policies/audit';
import type { Change } from '../policies/policies';
import { headerOf } from '../runs/finish-run';

type Evaluated = Omit<EventBody<'model.evaluated'>, 'v' | 'run' | 'source' | 'product' | 'goal' | 'shard'>;

/** What the evaluator left of a run. */
export interface JudgedCandidate {
  readonly evaluated: Pick<Evaluated, 'report' | 'scores' | 'candidate' | 'judgedEpoch'>;
  /** What the verdict said, and what decided it. */
  readonly verdict: string;
  readonly decisive: string;
}

/** Units of the publisher that a person asked for. */
const SHARD = 'person-';

const REVIVE = `
  UPDATE factory_run
     SET outcome = NULL, reason = NULL, error = NULL, finished_at = NULL, active = 1, resumes = resumes + 1,
         stage = 'publisher'
   WHERE run_id = ?`;

/** The latest evaluation of a run; undefined if it never came to one, or it cannot be read. */
export async function judgedCandidateOf(sql: Sql, run: string): Promise<JudgedCandidate | undefined> {
  const [row] = await sql.rows(
    `SELECT output FROM factory_stage WHERE run_id = ? AND stage = 'evaluator' AND status = 'done'
      ORDER BY settled_at DESC LIMIT 1`,
    [run],
  );
  const output = fromJson<
    JudgedCandidate['evaluated'] & { decision?: string; verdict?: { decisive?: string } }
  >(row?.['output']);
  if (!output?.candidate) return undefined;
  const { report, scores, candidate, judgedEpoch, decision = '', verdict } = output;
  return {
    evaluated: { report, scores, candidate, judgedEpoch },
    verdict: decision,
    decisive: verdict?.decisive ?? '',
  };
}

/**
 * Opens an ended run again for a person who wants its candidate in force, in the caller's transaction: a further unit of
 * the publisher, with the verdict's own files. Everything else is as after a verdict: packed, tested, released if the
 * champion is still that of `epoch`, once however often it is delivered.
 *
 * @param epoch of the champion that the person wants to replace; 0: none is in force
 * @returns events to publish; none if the same was asked before and is under way
 * @throws BadInputError `run-not-promotable`, `already-running`
 */
export async function reopenForPromotion(
  sql: Sql,
  run: string,
  { evaluated, verdict, decisive }: JudgedCandidate,
  epoch: number,
  change: Change,
): Promise<StoredEvent[]> {
  const [row] = await sql.rows('SELECT * FROM factory_run WHERE run_id = ? FOR UPDATE', [run]);
  if (!row) return refuse('unknown-run', run, 'list runs with `factory runs`');
  const outcome = row['outcome'] as string | null;
  if (outcome === null) return underWay(sql, run);
  if (outcome === 'published')
    return refuse(
      'run-not-promotable',
      `${run}: published`,
      'put its version in force again with `factory rollback --to`',
    );
  if (outcome === 'failed' || outcome === 'cancelled')
    return refuse(
      'run-not-promotable',
      `${run}: ${outcome}`,
      'continue it with `factory runs resume`: it has not come to its end',
    );
  const shard = `${SHARD}${Number(row['resumes']) + 1}`;
  await sql.change(REVIVE, [run]).catch((error: unknown) => {
    if (isDuplicateKey(error))
      refuse('already-running', run, 'wait for the run of this product in flight, or cancel it first');
    throw error;
  });
  const promotedBy = { ...change, who: change.who.slice(0, 120), verdict, decisive };
  const body = { ...evaluated, verdict: 'promote', judgedEpoch: epoch, promotedBy };
  await recordAudit(sql, 'promote', run, change, {
    shard,
    epoch,
    verdict,
    decisive,
    outcome,
    because: String(row['reason'] ?? ''),
  });
  return insertEvents(sql, [[headerOf(row), { event: 'model.evaluated', shard, body }]]);
}

async function underWay(sql: Sql, run: string): Promise<StoredEvent[]> {
  const open = await sql.rows(
    `SELECT 1 FROM factory_stage
      WHERE run_id = ? AND stage = 'publisher' AND shard LIKE '${SHARD}%' AND status IN ('queued', 'leased')`,
    [run],
  );
  if (open.length > 0) return [];
  return refuse('run-not-promotable', `${run}: in flight`, 'wait for its end');
}

function refuse(code: string, value: unknown, todo: string): never {
  throw new BadInputError(code, { field: 'run', value, todo });
}
