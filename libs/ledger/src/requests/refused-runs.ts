import { DEFAULT_POLICY, describeKey, runIdOf, type ModelKey, type Until } from '@factory/domain';
import { placeholders, type Sql, type SqlValue } from '../database/transaction';
import type { RunHeader, StoredEvent } from '../events/event-drafts';
import { endRun, type RunEnd } from '../runs/finish-run';
import { runsInFlight } from './runs-in-flight';

/** A product of a request whose run cannot start, for a reason specific to the product. */
export interface RefusedRun extends ModelKey {
  /** The grid of the request; empty if it was left to the policy. */
  readonly grid: string;
  readonly end: RunEnd;
}

/** The fields of a request that apply to each of its runs. */
export interface RequestTerms {
  readonly requestKey: string;
  readonly force: boolean;
  readonly seed: string | null;
  readonly until: Until | null;
}

const RUN_COLUMNS = `run_id, request_key, source, product, goal, pool, policy, grid, seed, until_stage, stage,
  created_at`;

/**
 * Records runs that end before they start, in the caller's transaction. A product with a run in progress is
 * answered by that run; even a forced request does not cancel it, since nothing would replace it.
 *
 * @returns run.finished of each run that was recorded
 */
export async function recordRefused(
  sql: Sql,
  request: RequestTerms,
  refused: readonly RefusedRun[],
  codeVersion: string,
): Promise<StoredEvent[]> {
  if (refused.length === 0) return [];
  const inFlight = request.force ? [] : await runsInFlight(sql, refused);
  const busy = new Map(inFlight.map((header) => [describeKey(header), header]));
  const ended = refused
    .filter((one) => !busy.has(describeKey(one)))
    .map((one) => ({ ...one, header: headerOf(request.requestKey, one) }));
  if (ended.length > 0)
    await sql.change(
      `INSERT INTO factory_run (${RUN_COLUMNS})
       VALUES ${ended.map(() => "(?, ?, ?, ?, ?, ?, '{}', ?, ?, ?, 'data-prep', UTC_TIMESTAMP(6))").join(', ')}
       ON DUPLICATE KEY UPDATE factory_run.request_key = factory_run.request_key`,
      ended.flatMap(({ header: { run, source, product, goal }, grid }): SqlValue[] => [
        ...[run, request.requestKey, source, product, goal],
        ...[DEFAULT_POLICY.pool, grid, request.seed, request.until],
      ]),
    );
  const answers = [
    ...inFlight.map(({ run }) => [request.requestKey, run, 'already-running']),
    ...ended.map(({ header }) => [request.requestKey, header.run, 'started']),
  ];
  await sql.change(
    `INSERT INTO factory_request_run (request_key, run_id, answer) VALUES ${placeholders(answers.length, 3)}
     ON DUPLICATE KEY UPDATE answer = VALUES(answer)`,
    answers.flat(),
  );
  const events: StoredEvent[] = [];
  for (const { header, end } of ended) events.push(...(await endRun(sql, header, end, codeVersion)));
  return events;
}

function headerOf(requestKey: string, { source, product, goal }: ModelKey): RunHeader {
  return { run: runIdOf(requestKey, { source, product, goal }), source, product, goal };
}
