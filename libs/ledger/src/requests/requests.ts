import {
  compareBytes,
  describeKey,
  policyOfRun,
  runIdOf,
  type GridName,
  type LeftOutProduct,
  type ModelKey,
  type Policy,
} from '@factory/domain';
import type { DataSource } from 'typeorm';
import {
  inTransaction,
  isDuplicateKey,
  placeholders,
  sqlOf,
  type Sql,
  type SqlValue,
} from '../database/transaction';
import {
  eventFromRow,
  insertEvents,
  type EventDraft,
  type RunHeader,
  type StoredEvent,
} from '../events/event-drafts';
import { endRun, headerOf } from '../runs/finish-run';
import { auditOverrules, overrulesText, type RunOverrule } from '../runs/run-overrules';
import { recordLeftOutProducts } from './left-out-products';
import { recordRefused, type RefusedRun, type RequestTerms } from './refused-runs';
import { runsInFlight } from './runs-in-flight';

/** The run of one product, as resolved from the request. */
export interface RunPlan extends ModelKey {
  readonly policy: Policy;
  readonly grid: GridName;
  /** Body of `run.queued` without the header. */
  readonly body: EventDraft['body'];
  /** Checks that do not stop it; absent: none. */
  readonly overrules?: readonly RunOverrule[];
}

export interface ResolvedRequest extends RequestTerms {
  readonly payload: unknown;
  readonly requestedBy: string;
  readonly reason: string;
  readonly runs: readonly RunPlan[];
  /** Products of the request whose runs cannot start. Absent: none. */
  readonly refused?: readonly RefusedRun[];
  /** Items without a valid product id. Absent: none. */
  readonly leftOut?: readonly LeftOutProduct[];
}

export interface RequestAnswer {
  readonly run: string;
  readonly source: string;
  readonly product: number;
  readonly goal: string;
  readonly answer: 'started' | 'already-running';
}

const INSERT_REQUEST = `
  INSERT INTO factory_request (request_key, payload, products, requested_by, reason, created_at)
  VALUES (?, ?, ?, ?, ?, UTC_TIMESTAMP(6))`;

const UNPUBLISHED = `
  SELECT e.run_id, e.event, e.shard, e.generation, e.subject, e.body
    FROM factory_request_run a JOIN factory_event e ON e.run_id = a.run_id
   WHERE a.request_key = ? AND a.answer = 'started' AND e.stream_sequence IS NULL`;

const RUN_COLUMNS = `run_id, request_key, source, product, goal, active, pool, policy, grid, seed, until_stage,
  overrules, stage, created_at`;

const RUNS_PER_STATEMENT = 200;

/** Turns requests into runs, exactly once however often a request is delivered. */
export class Requests {
  constructor(
    private readonly dataSource: DataSource,
    private readonly codeVersion: string,
  ) {}

  /** The runs that answer a request; undefined if it is new. */
  async answers(requestKey: string): Promise<RequestAnswer[] | undefined> {
    const sql = sqlOf(this.dataSource);
    return (await isKnown(sql, requestKey)) ? readAnswers(sql, requestKey) : undefined;
  }

  /** Events of all runs started by a request that are not yet published; undefined if it is new. */
  async unpublished(requestKey: string): Promise<StoredEvent[] | undefined> {
    const sql = sqlOf(this.dataSource);
    return (await isKnown(sql, requestKey)) ? readUnpublished(sql, requestKey) : undefined;
  }

  /**
   * Freezes a request and starts its runs. A product with a run in progress is answered by that run, unless
   * forced: then that run is cancelled. Runs that cannot start are recorded with their end.
   *
   * A request that was accepted before, or by another worker at the same time, starts nothing.
   *
   * @returns events to publish now: run.queued of each started run, run.finished of each that was cancelled or
   * cannot start; for a request that was accepted before, those that are not yet published
   */
  async take(request: ResolvedRequest): Promise<StoredEvent[]> {
    // Locks are taken in the same order by all, so that requests for the same products wait for each other
    // instead of deadlocking.
    const plans = inOrder(request.runs);
    const refused = inOrder(request.refused ?? []);
    return inTransaction(this.dataSource, async (sql) => {
      if (!(await freeze(sql, request))) return readUnpublished(sql, request.requestKey);
      await recordLeftOutProducts(sql, request.requestKey, request.leftOut ?? []);
      const events: StoredEvent[] = [];
      for (let from = 0; from < plans.length; from += RUNS_PER_STATEMENT)
        events.push(...(await this.start(sql, request, plans.slice(from, from + RUNS_PER_STATEMENT))));
      for (let from = 0; from < refused.length; from += RUNS_PER_STATEMENT) {
        const part = refused.slice(from, from + RUNS_PER_STATEMENT);
        events.push(...(await recordRefused(sql, request, part, this.codeVersion)));
      }
      return events;
    });
  }

  private async start(sql: Sql, request: ResolvedRequest, plans: readonly RunPlan[]): Promise<StoredEvent[]> {
    const events: StoredEvent[] = [];
    const headers = plans.map((plan) => runHeader(request.requestKey, plan));
    if (request.force) {
      const end = { outcome: 'cancelled', reason: `superseded by ${request.requestKey}` } as const;
      for (const header of await runsInFlight(sql, plans))
        events.push(...(await endRun(sql, header, end, this.codeVersion)));
    }
    await sql.change(
      `INSERT INTO factory_run (${RUN_COLUMNS})
       VALUES ${plans.map(() => "(?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, 'data-prep', UTC_TIMESTAMP(6))").join(', ')}
       ON DUPLICATE KEY UPDATE factory_run.request_key = factory_run.request_key`,
      plans.flatMap((plan, at): SqlValue[] => [
        (headers[at] as RunHeader).run,
        request.requestKey,
        plan.source,
        plan.product,
        plan.goal,
        plan.policy.pool,
        JSON.stringify(policyOfRun(plan.policy)),
        plan.grid,
        request.seed,
        request.until,
        overrulesText(plan.overrules ?? []),
      ]),
    );
    const active = new Map((await runsInFlight(sql, plans)).map((header) => [describeKey(header), header]));
    const answers = headers.map((header) => ({
      header,
      answeredBy: active.get(describeKey(header)) ?? header,
    }));
    await sql.change(
      `INSERT INTO factory_request_run (request_key, run_id, answer) VALUES ${placeholders(answers.length, 3)}
       ON DUPLICATE KEY UPDATE answer = VALUES(answer)`,
      answers.flatMap(({ header, answeredBy }) => [
        request.requestKey,
        answeredBy.run,
        answeredBy.run === header.run ? 'started' : 'already-running',
      ]),
    );
    const started = plans.flatMap((plan, at) => {
      const { header, answeredBy } = answers[at] as (typeof answers)[number];
      return answeredBy.run === header.run
        ? [[header, { event: 'run.queued', shard: '0', body: plan.body }, plan] as const]
        : [];
    });
    for (const [{ run }, , { overrules = [] }] of started) await auditOverrules(sql, run, overrules);
    const drafts = started.map(([header, draft]) => [header, draft] as const);
    return [...events, ...(await insertEvents(sql, drafts))];
  }
}

/** @returns false if the request exists already; waits for a concurrent writer of the same request */
async function freeze(sql: Sql, request: ResolvedRequest): Promise<boolean> {
  try {
    await sql.change(INSERT_REQUEST, [
      request.requestKey,
      JSON.stringify(request.payload),
      JSON.stringify([...request.runs, ...(request.refused ?? [])].map((run) => run.product)),
      request.requestedBy.slice(0, 120),
      request.reason.slice(0, 500),
    ]);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

async function isKnown(sql: Sql, requestKey: string): Promise<boolean> {
  const known = await sql.rows('SELECT 1 FROM factory_request WHERE request_key = ?', [requestKey]);
  return known.length > 0;
}

async function readUnpublished(sql: Sql, requestKey: string): Promise<StoredEvent[]> {
  return (await sql.rows(UNPUBLISHED, [requestKey])).map(eventFromRow);
}

async function readAnswers(sql: Sql, requestKey: string): Promise<RequestAnswer[]> {
  const rows = await sql.rows(
    `SELECT a.answer, r.run_id, r.source, r.product, r.goal
       FROM factory_request_run a JOIN factory_run r ON r.run_id = a.run_id
      WHERE a.request_key = ? ORDER BY r.source, r.product, r.goal`,
    [requestKey],
  );
  return rows.map((row) => ({ ...headerOf(row), answer: row['answer'] as RequestAnswer['answer'] }));
}

function inOrder<T extends ModelKey>(runs: readonly T[]): T[] {
  return [...runs].sort((a, b) => compareBytes(describeKey(a), describeKey(b)));
}

function runHeader(requestKey: string, plan: RunPlan): RunHeader {
  const { source, product, goal } = plan;
  return { run: runIdOf(requestKey, plan), source, product, goal };
}
