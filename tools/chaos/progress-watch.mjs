import { setTimeout as sleep } from 'node:timers/promises';
import { ProgressRecord } from './progress-record.mjs';

/**
 * @import { Ledger } from '../sandbox/ledger.mjs'
 * @import { SeenRun, SeenUnit } from './progress-record.mjs'
 */

const LOOK_EVERY_MS = 1_000;
/** How long ended runs are still checked: their results must not change. */
const LOOK_BACK_SECONDS = 60;

const RUNS = `
  SELECT run_id AS run, outcome, reason, finished_at AS finishedAt FROM factory_run
   WHERE outcome IS NULL OR finished_at > UTC_TIMESTAMP(6) - INTERVAL ${LOOK_BACK_SECONDS} SECOND`;

const UNITS = `
  SELECT s.run_id AS run, s.stage, s.shard, s.status, s.attempt, s.token, s.lease_renewed_at AS leaseRenewedAt,
         s.settled_at AS settledAt, MD5(COALESCE(s.output, '')) AS outputHash, r.outcome,
         TIMESTAMPDIFF(MICROSECOND, s.lease_renewed_at, UTC_TIMESTAMP(6)) / 1e6 AS renewedSecondsAgo,
         TIMESTAMPDIFF(MICROSECOND, s.claimed_at, UTC_TIMESTAMP(6)) / 1e6 AS claimedSecondsAgo
    FROM factory_run r JOIN factory_stage s ON s.run_id = r.run_id
   WHERE r.outcome IS NULL OR r.finished_at > UTC_TIMESTAMP(6) - INTERVAL ${LOOK_BACK_SECONDS} SECOND`;

/** Reads the ledger every second; time only counts while all servers can be used. */
export class ProgressWatch {
  record = new ProgressRecord();
  #unavailable = new Set();
  #stopped = false;
  #running = Promise.resolve();

  /** @param {Ledger} ledger */
  constructor(ledger) {
    this.ledger = ledger;
  }

  start() {
    this.#running = this.#run();
  }

  async stop() {
    this.#stopped = true;
    await this.#running;
  }

  /** @param {string} what cannot be used from now on */
  onUnavailable(what) {
    this.#unavailable.add(what);
  }

  /** @param {string} what can be used again */
  onAvailable(what) {
    this.#unavailable.delete(what);
    this.record.forgetStandstills();
  }

  async #run() {
    /** @type {number | undefined} */
    let lookedAt;
    while (!this.#stopped) {
      await sleep(LOOK_EVERY_MS);
      const seen = await this.#read().catch(() => undefined);
      const now = performance.now();
      if (!seen || this.#unavailable.size > 0) {
        lookedAt = undefined;
        continue;
      }
      this.record.look(seen.runs, seen.units, lookedAt === undefined ? 0 : (now - lookedAt) / 1_000);
      lookedAt = now;
    }
  }

  async #read() {
    /** @type {[Promise<SeenRun[]>, Promise<SeenUnit[]>]} */
    const asked = [this.ledger.rows(RUNS), this.ledger.rows(UNITS)];
    const [runs, units] = await Promise.all(asked);
    return { runs, units };
  }
}
