import type { SourceAwayError } from '@factory/domain';
import type { DataSource } from 'typeorm';
import { asDate, sqlOf, type Row } from '../database/transaction';
import type { WorkId } from './stage-claims';

/** Why a source is unavailable, see `SourceAwayError`. */
export type WaitReason = SourceAwayError['why'];

/** Work or a request that is recorded as waiting. */
export interface Waiting {
  /** Seconds since the source began to refuse the account; 0 while it is unreachable. */
  readonly refusedSeconds: number;
}

/** The work and requests that wait for one source. */
export interface SourceWait {
  readonly source: string;
  /** Since when the first of them has waited. */
  readonly since: Date;
  /** Whether some of them wait because the source refuses the account. */
  readonly refused: boolean;
  readonly runs: number;
  readonly requests: number;
}

/** What one run or request waits for. */
export interface WaitOf {
  readonly source: string;
  readonly since: Date;
  readonly refused: boolean;
}

const NOW = 'UTC_TIMESTAMP(6)';
const REFUSED_SECONDS = `TIMESTAMPDIFF(MICROSECOND, refused_since, ${NOW}) / 1000000 AS refused_seconds`;

/** If the source was only unreachable in between, its refusal starts anew. */
const RECORD_WORK = `
  UPDATE factory_run r
    STRAIGHT_JOIN factory_stage s ON s.run_id = r.run_id
     SET s.wait_since = COALESCE(s.wait_since, ${NOW}),
         s.refused_since = IF(?, COALESCE(s.refused_since, ${NOW}), NULL)
   WHERE r.run_id = ? AND r.outcome IS NULL AND s.stage = ? AND s.shard = ?
     AND (s.status = 'queued' OR (s.status = 'leased' AND s.lease_expires_at < ${NOW}))`;

const RECORD_REQUEST = `
  INSERT INTO factory_request_wait (request_key, source, wait_since, refused_since, seen_at)
  VALUES (?, ?, ${NOW}, IF(?, ${NOW}, NULL), ${NOW})
  ON DUPLICATE KEY UPDATE refused_since = IF(VALUES(refused_since) IS NULL, NULL, COALESCE(refused_since, ${NOW})),
    source = VALUES(source), seen_at = ${NOW}`;

const OPEN_WORK = `
  FROM factory_stage s JOIN factory_run r ON r.run_id = s.run_id
 WHERE s.status IN ('queued', 'leased') AND s.wait_since IS NOT NULL AND r.outcome IS NULL`;

/** A waiting request is redelivered at least every 75 s. */
const REQUEST_SEEN = `seen_at > ${NOW} - INTERVAL 300 SECOND`;

/**
 * Which work and requests wait for which source. The waiting itself takes place in the broker; these records
 * are for people and for time limits.
 */
export class SourceWaits {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Records that work waits.
   *
   * @returns undefined if it cannot wait: it is done or leased, or its run has ended
   * @throws ServerAwayError
   */
  async recordWork({ run, stage, shard }: WorkId, why: WaitReason): Promise<Waiting | undefined> {
    const sql = sqlOf(this.dataSource);
    const refused = why === 'refused';
    if ((await sql.change(RECORD_WORK, [refused, run, stage, shard])) === 0) return undefined;
    if (!refused) return { refusedSeconds: 0 };
    const [row] = await sql.rows(
      `SELECT ${REFUSED_SECONDS} FROM factory_stage WHERE run_id = ? AND stage = ? AND shard = ?`,
      [run, stage, shard],
    );
    return waiting(row);
  }

  /** Records that a request waits. @throws ServerAwayError */
  async recordRequest(requestKey: string, source: string, why: WaitReason): Promise<Waiting> {
    const sql = sqlOf(this.dataSource);
    const refused = why === 'refused';
    await sql.change(RECORD_REQUEST, [requestKey, source, refused]);
    if (!refused) return { refusedSeconds: 0 };
    return waiting(
      (
        await sql.rows(`SELECT ${REFUSED_SECONDS} FROM factory_request_wait WHERE request_key = ?`, [
          requestKey,
        ])
      )[0],
    );
  }

  /** A request that was accepted or refused no longer waits. */
  async forgetRequest(requestKey: string): Promise<void> {
    await sqlOf(this.dataSource).change('DELETE FROM factory_request_wait WHERE request_key = ?', [
      requestKey,
    ]);
  }

  /** Sources that work or requests wait for, by name. */
  async bySource(): Promise<SourceWait[]> {
    const sql = sqlOf(this.dataSource);
    const [work, requests] = await Promise.all([
      sql.rows(
        `SELECT r.source, COUNT(DISTINCT r.run_id) AS waiting, MIN(s.wait_since) AS since,
                MAX(s.refused_since IS NOT NULL) AS refused ${OPEN_WORK} GROUP BY r.source`,
      ),
      sql.rows(
        `SELECT source, COUNT(*) AS waiting, MIN(wait_since) AS since, MAX(refused_since IS NOT NULL) AS refused
           FROM factory_request_wait WHERE ${REQUEST_SEEN} GROUP BY source`,
      ),
    ]);
    const names = new Set([...work, ...requests].map((row) => String(row['source'])));
    return [...names].sort().map((source) => {
      const of = (rows: readonly Row[]): Row | undefined => rows.find((row) => row['source'] === source);
      const both = [of(work), of(requests)].filter((row) => row !== undefined).map(waitOf);
      return {
        source,
        since: new Date(Math.min(...both.map(({ since }) => since.getTime()))),
        refused: both.some(({ refused }) => refused),
        runs: Number(of(work)?.['waiting'] ?? 0),
        requests: Number(of(requests)?.['waiting'] ?? 0),
      };
    });
  }

  /** What each of some runs waits for; runs that do not wait are absent. */
  async ofRuns(runs: readonly string[]): Promise<ReadonlyMap<string, WaitOf>> {
    if (runs.length === 0) return new Map();
    const rows = await sqlOf(this.dataSource).rows(
      `SELECT r.run_id, r.source, MIN(s.wait_since) AS since, MAX(s.refused_since IS NOT NULL) AS refused
         ${OPEN_WORK} AND r.run_id IN (${runs.map(() => '?').join(', ')}) GROUP BY r.run_id, r.source`,
      runs,
    );
    return new Map(rows.map((row) => [String(row['run_id']), waitOf(row)]));
  }

  /** What a request waits for before it can be accepted; undefined if it does not wait. */
  async ofRequest(requestKey: string): Promise<WaitOf | undefined> {
    const [row] = await sqlOf(this.dataSource).rows(
      `SELECT source, wait_since AS since, refused_since IS NOT NULL AS refused
         FROM factory_request_wait WHERE request_key = ? AND ${REQUEST_SEEN}`,
      [requestKey],
    );
    return row && waitOf(row);
  }
}

function waiting(row: Row | undefined): Waiting {
  return { refusedSeconds: Number(row?.['refused_seconds'] ?? 0) };
}

function waitOf(row: Row): WaitOf {
  return {
    source: String(row['source']),
    since: asDate(row['since']) as Date,
    refused: Number(row['refused']) === 1,
  };
}
