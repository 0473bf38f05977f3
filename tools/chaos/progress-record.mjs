/** A live worker renews its lease every 10 s. */
const RENEWED_WITHIN_SECONDS = 12;

/**
 * Units of work that one process of each service takes at a time, with its default configuration.
 *
 * @type {Readonly<Record<string, number>>}
 */
const SLOTS_OF_ONE = {
  'data-prep': 4,
  sampling: 2,
  'trainer-plan': 1,
  trials: 1,
  evaluator: 1,
  publisher: 2,
};

/**
 * @typedef {object} SeenRun a run in the ledger
 * @property {string} run
 * @property {string | null} outcome
 * @property {string | null} reason
 * @property {Date | null} finishedAt
 *
 * @typedef {object} SeenUnit a unit of work in the ledger
 * @property {string} run
 * @property {string} stage
 * @property {string} shard
 * @property {string} status
 * @property {number} attempt
 * @property {number} token raised by each claim
 * @property {Date | null} leaseRenewedAt
 * @property {Date | null} settledAt
 * @property {string} outputHash
 * @property {string | null} outcome of its run
 * @property {number | string | null} renewedSecondsAgo a decimal
 * @property {number | string | null} claimedSecondsAgo a decimal
 *
 * @typedef {object} LongestFigure
 * @property {number} seconds
 * @property {string | null} unit the unit of work
 */

/**
 * Findings of repeated looks at the ledger: how long a unit of work was idle, and whether anything final has
 * changed.
 *
 * Idle: leased and not renewed, or queued although even a single process of its service would have had a free slot.
 * Waiting behind others in a queue is not idle.
 */
export class ProgressRecord {
  /**
   * Messages about things that must never happen.
   *
   * @type {string[]}
   */
  violations = [];
  longest = { afterReturn: noFigure(), inAll: noFigure(), claim: noFigure() };
  #looks = 0;
  /** @type {Map<string, {state: string, sinceReturn: number, inAll: number}>} */
  #units = new Map();
  /** @type {Map<string, string>} */
  #ended = new Map();
  /** @type {Map<string, string>} */
  #settled = new Map();
  /** @type {Map<string, number>} runs without open work, by the look that found it */
  #suspects = new Map();

  /** A server can be used again: idle time starts to count now. */
  forgetStandstills() {
    for (const unit of this.#units.values()) unit.sinceReturn = 0;
  }

  /**
   * @param {readonly SeenRun[]} runs
   * @param {readonly SeenUnit[]} units
   * @param {number} seconds since the previous look, with all servers usable; 0 = they were not
   */
  look(runs, units, seconds) {
    this.#looks++;
    for (const run of runs) this.#seeEnd(run);
    const busy = busyWorkers(units);
    const open = new Set();
    for (const unit of units) {
      const name = `${unit.run} ${unit.stage}/${unit.shard}`;
      this.#seeResult(name, unit);
      if (unit.outcome !== null || !isOpen(unit)) continue;
      open.add(name);
      const hasRoom = (busy.get(unit.stage) ?? 0) < (SLOTS_OF_ONE[unit.stage] ?? 0);
      this.#seeWaiting(name, unit, unit.status === 'leased' || hasRoom ? seconds : 0);
    }
    for (const name of this.#units.keys()) if (!open.has(name)) this.#units.delete(name);
    this.#seeAbandoned(runs, units);
  }

  /**
   * @param {string} name
   * @param {SeenUnit} unit
   * @param {number} seconds
   */
  #seeWaiting(name, unit, seconds) {
    const state = `${unit.status} ${unit.token} ${unit.attempt} ${unit.leaseRenewedAt?.getTime()}`;
    const known = this.#units.get(name);
    if (!known || known.state !== state) {
      this.#units.set(name, { state, sinceReturn: 0, inAll: 0 });
    } else {
      known.sinceReturn += seconds;
      known.inAll += seconds;
      raise(this.longest.afterReturn, known.sinceReturn, name, unit);
      raise(this.longest.inAll, known.inAll, name, unit);
    }
    if (isInWork(unit)) raise(this.longest.claim, Number(unit.claimedSecondsAgo), name, unit);
  }

  /**
   * A run in progress without open work would never end. The two statements do not read the same snapshot: only what
   * two consecutive looks find counts.
   *
   * @param {readonly SeenRun[]} runs
   * @param {readonly SeenUnit[]} units
   */
  #seeAbandoned(runs, units) {
    const withWork = new Set(units.filter(isOpen).map(({ run }) => run));
    const seen = new Set(units.map(({ run }) => run));
    for (const { run, outcome } of runs) {
      if (outcome !== null || !seen.has(run) || withWork.has(run)) continue;
      if (this.#suspects.get(run) === this.#looks - 1)
        this.violations.push(`run ${run} is in progress without open work`);
      this.#suspects.set(run, this.#looks);
    }
  }

  /** @param {SeenRun} run */
  #seeEnd({ run, outcome, reason, finishedAt }) {
    if (outcome === null && !this.#ended.has(run)) return;
    const now = `${outcome} (${reason}) ${finishedAt?.toISOString()}`;
    this.#unchanged(this.#ended, `the end of run ${run}`, run, now);
  }

  /**
   * @param {string} name
   * @param {SeenUnit} unit
   */
  #seeResult(name, { status, token, outputHash, settledAt }) {
    if (status !== 'done' && !this.#settled.has(name)) return;
    const now = `${status} ${token} ${outputHash} ${settledAt?.toISOString()}`;
    this.#unchanged(this.#settled, `the result of ${name}`, name, now);
  }

  /**
   * @param {Map<string, string>} known
   * @param {string} what
   * @param {string} name
   * @param {string} now
   */
  #unchanged(known, what, name, now) {
    const before = known.get(name);
    if (before !== undefined && before !== now) this.violations.push(`${what} changed: ${before} -> ${now}`);
    known.set(name, now);
  }
}

/**
 * Units leased by a live worker, by stage.
 *
 * @param {readonly SeenUnit[]} units
 */
function busyWorkers(units) {
  /** @type {Map<string, number>} */
  const busy = new Map();
  for (const unit of units) if (isInWork(unit)) busy.set(unit.stage, (busy.get(unit.stage) ?? 0) + 1);
  return busy;
}

/** @param {SeenUnit} unit */
function isInWork({ status, renewedSecondsAgo }) {
  return status === 'leased' && Number(renewedSecondsAgo) < RENEWED_WITHIN_SECONDS;
}

/** @param {SeenUnit} unit */
function isOpen({ status }) {
  return status === 'queued' || status === 'leased';
}

/** @returns {LongestFigure} */
function noFigure() {
  return { seconds: 0, unit: null };
}

/**
 * @param {LongestFigure} longest
 * @param {number} seconds
 * @param {string} name
 * @param {SeenUnit} unit
 */
function raise(longest, seconds, name, { status, attempt, token }) {
  if (seconds <= longest.seconds) return;
  longest.seconds = seconds;
  longest.unit = `${name} (${status}, attempt ${attempt}, token ${token})`;
}
