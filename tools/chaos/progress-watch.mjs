import { setTimeout as sleep } from 'node:timers/promises';

const TICK_MS = 1_000;
/** A worker that lives renews its lease every 10 s. */
const RENEWED_WITHIN_SECONDS = 12;
/** Ended runs are looked at for so long: what is done must stay as it is. */
const LOOK_BACK_SECONDS = 60;

/** Units of work that one process of each service takes at a time, with its default configuration. */
const SLOTS_OF_ONE = {
  'data-prep': 4,
  sampling: 2,
  'trainer-plan': 1,
  trials: 1,
  evaluator: 1,
  publisher: 2,
};

const RUNS = `
  SELECT run_id, outcome, reason, finished_at FROM factory_run
   WHERE outcome IS NULL OR finished_at > UTC_TIMESTAMP(6) - INTERVAL ${LOOK_BACK_SECONDS} SECOND`;

const UNITS = `
  SELECT s.run_id, s.stage, s.shard, s.status, s.attempt, s.token, s.lease_renewed_at, s.settled_at,
         MD5(COALESCE(s.output, '')) AS output_hash, r.outcome,
         TIMESTAMPDIFF(MICROSECOND, s.lease_renewed_at, UTC_TIMESTAMP(6)) / 1e6 AS renewed_seconds_ago,
         TIMESTAMPDIFF(MICROSECOND, s.claimed_at, UTC_TIMESTAMP(6)) / 1e6 AS claimed_seconds_ago
    FROM factory_run r JOIN factory_stage s ON s.run_id = r.run_id
   WHERE r.outcome IS NULL OR r.finished_at > UTC_TIMESTAMP(6) - INTERVAL ${LOOK_BACK_SECONDS} SECOND`;

/**
 * Looks at the ledger every second. Measures how long a unit of work stood still while all servers were up, and
 * sees whether anything that was final has changed.
 *
 * Standing still: leased and not renewed, or queued although one process of its service alone had room for it.
 * Waiting behind others in a queue is not standing still.
 */
export class ProgressWatch {
  away = new Set();
  stopped = false;
  /** What must never happen, in words. */
  violations = [];
  longest = { afterReturn: figure(), inAll: figure(), claim: figure() };
  ticks = 0;
  #units = new Map();
  #ended = new Map();
  #settled = new Map();

  constructor(ledger) {
    this.ledger = ledger;
  }

  start() {
    this.running = this.run();
  }

  async stop() {
    this.stopped = true;
    await this.running;
  }

  onAway(role) {
    this.away.add(role);
  }

  onBack(role) {
    this.away.delete(role);
    for (const unit of this.#units.values()) unit.sinceReturn = 0;
  }

  async run() {
    let lastAt;
    while (!this.stopped) {
      await sleep(TICK_MS);
      const rows = await Promise.all([this.ledger.rows(RUNS), this.ledger.rows(UNITS)]).catch(
        () => undefined,
      );
      const now = performance.now();
      if (rows && this.away.size === 0) this.look(...rows, lastAt === undefined ? 0 : (now - lastAt) / 1_000);
      lastAt = rows && this.away.size === 0 ? now : undefined;
    }
  }

  look(runs, units, seconds) {
    this.ticks++;
    for (const run of runs) this.#seeEnd(run);
    const busy = {};
    for (const { stage, status, renewed_seconds_ago: ago } of units)
      if (status === 'leased' && Number(ago) < RENEWED_WITHIN_SECONDS) busy[stage] = (busy[stage] ?? 0) + 1;
    const open = new Set();
    for (const unit of units) {
      const name = `${unit.run_id} ${unit.stage}/${unit.shard}`;
      this.#seeResult(name, unit);
      if (unit.outcome !== null || (unit.status !== 'queued' && unit.status !== 'leased')) continue;
      open.add(name);
      const hasRoom = (busy[unit.stage] ?? 0) < SLOTS_OF_ONE[unit.stage];
      this.#seeWaiting(name, unit, unit.status === 'leased' || hasRoom ? seconds : 0);
    }
    for (const name of this.#units.keys()) if (!open.has(name)) this.#units.delete(name);
    this.#seeAbandoned(runs, units);
  }

  #seeWaiting(name, unit, seconds) {
    const state = `${unit.status} ${unit.token} ${unit.attempt} ${unit.lease_renewed_at?.getTime()}`;
    const known = this.#units.get(name);
    if (!known || known.state !== state) {
      this.#units.set(name, { state, sinceReturn: 0, inAll: 0 });
    } else {
      known.sinceReturn += seconds;
      known.inAll += seconds;
      raise(this.longest.afterReturn, known.sinceReturn, name, unit);
      raise(this.longest.inAll, known.inAll, name, unit);
    }
    if (unit.status === 'leased' && Number(unit.renewed_seconds_ago) < RENEWED_WITHIN_SECONDS)
      raise(this.longest.claim, Number(unit.claimed_seconds_ago), name, unit);
  }

  /** A run in flight without open work would never end. */
  #seeAbandoned(runs, units) {
    const withWork = new Set(
      units.filter(({ status }) => status === 'queued' || status === 'leased').map(({ run_id: run }) => run),
    );
    const seen = new Set(units.map(({ run_id: run }) => run));
    for (const { run_id: run, outcome } of runs)
      if (outcome === null && seen.has(run) && !withWork.has(run) && this.#twice(run))
        this.violations.push(`run ${run} is in flight without open work`);
  }

  /** The two statements do not see the same moment: only what is seen twice in a row counts. */
  #suspects = new Map();
  #twice(run) {
    const before = this.#suspects.get(run);
    this.#suspects.set(run, this.ticks);
    return before === this.ticks - 1;
  }

  #seeEnd({ run_id: run, outcome, reason, finished_at: at }) {
    if (outcome === null && !this.#ended.has(run)) return;
    this.#unchanged(this.#ended, `the end of run ${run}`, run, `${outcome} (${reason}) ${at?.toISOString()}`);
  }

  #seeResult(name, { status, token, output_hash: hash, settled_at: at }) {
    if (status !== 'done' && !this.#settled.has(name)) return;
    this.#unchanged(
      this.#settled,
      `the result of ${name}`,
      name,
      `${status} ${token} ${hash} ${at?.toISOString()}`,
    );
  }

  #unchanged(known, what, name, now) {
    const before = known.get(name);
    if (before !== undefined && before !== now) this.violations.push(`${what} changed: ${before} -> ${now}`);
    known.set(name, now);
  }
}

function figure() {
  return { seconds: 0, unit: null };
}

function raise(longest, seconds, name, { status, attempt, token }) {
  if (seconds <= longest.seconds) return;
  longest.seconds = seconds;
  longest.unit = `${name} (${status}, attempt ${attempt}, token ${token})`;
}
