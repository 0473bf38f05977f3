import { setTimeout as sleep } from 'node:timers/promises';
import { changeStoreKeys, runAsRoot } from '../stack/stack.mjs';

/** How long an account is refused: longer than a lease, much shorter than what runs wait for a source's. */
const REFUSED_SECONDS = 60;
/** Added to a failover's random length: shorter ones may pass between two statements, unseen. */
const LEAST_READ_ONLY_SECONDS = 5;
/** A source beside the one that everything else reads; its runs wait while it is dead, the others go on. */
export const BESIDE = 'beside';
const MAIN = 'main';
const LEAST_DEAD_SECONDS = 15;
/** Longest that work may stand still once the server takes it again. */
export const GOES_ON_WITHIN_SECONDS = 60;
const LOOK_EVERY_MS = 500;
/** A service looks at a server that it does not need just now when it is next asked whether it is ready. */
const TOLD_WITHIN_MS = 15_000;

/**
 * Servers that answer, but cannot be used: what the services must say of each.
 *
 * `source`: which one, where it is not the main one.
 *
 * @type {Record<string, {server: string, source?: string, why: string, begin: Function, seconds: (step: object) => number}>}
 */
const KINDS = {
  'failover: ledger read-only': {
    server: 'database',
    why: 'read-only',
    seconds: ({ awaySeconds }) => LEAST_READ_ONLY_SECONDS + awaySeconds,
    begin: async ({ stack }) => {
      await runAsRoot(stack, ['SET GLOBAL read_only = 1']);
      return () => runAsRoot(stack, ['SET GLOBAL read_only = 0']);
    },
  },
  'ledger refuses the account': {
    server: 'database',
    why: 'refused',
    seconds: () => REFUSED_SECONDS,
    begin: ({ stack, env }) => changePassword(stack, env.FACTORY_DATABASE_URL),
  },
  'source refuses the account': {
    server: 'source',
    why: 'refused',
    seconds: () => REFUSED_SECONDS,
    begin: ({ stack, env }) => changePassword(stack, env.SOURCE_MAIN_URL),
  },
  'dead source': {
    server: 'source',
    source: BESIDE,
    why: 'unreachable',
    seconds: ({ awaySeconds }) => LEAST_DEAD_SECONDS + awaySeconds,
    begin: async ({ door }) => {
      await door.close();
      return () => door.reopen();
    },
  },
  'store refuses the account': {
    server: 'store',
    why: 'refused',
    seconds: () => REFUSED_SECONDS,
    begin: async ({ stack }) => {
      const former = await changeStoreKeys(stack, { accessKey: 'rotated', secretKey: 'rotated-by-chaos' });
      return () => changeStoreKeys(stack, former);
    },
  },
};
export const OUTAGES = Object.keys(KINDS);

/** Another password, and no connection that was let in with the former one. @returns how to change it back */
async function changePassword(stack, url) {
  const { username, password } = new URL(url);
  await runAsRoot(stack, [`ALTER USER '${username}'@'%' IDENTIFIED BY 'rotated-by-chaos'`]);
  const [sessions] = await runAsRoot(stack, [
    `SELECT id AS id FROM information_schema.processlist WHERE user = '${username}'`,
  ]);
  // One that has gone meanwhile cannot be killed.
  for (const { id } of sessions) await runAsRoot(stack, [`KILL ${id}`]).catch(() => undefined);
  return () => runAsRoot(stack, [`ALTER USER '${username}'@'%' IDENTIFIED BY '${password}'`]);
}

/** Makes servers unusable for a while, and writes down what came of it. */
export class Outages {
  /** @type {{kind: string, server: string, why: string, began: number, ended: number, goesOnAfterSeconds: number}[]} */
  past = [];

  /** @param {(source: string) => Promise<void>} request asks for all products of a source */
  constructor(sandbox, ledger, watch, request) {
    this.request = request;
    this.sandbox = sandbox;
    this.ledger = ledger;
    this.watch = watch;
  }

  async cause(step) {
    const { server, source = MAIN, why, seconds, begin } = KINDS[step.victim];
    const role = `${step.victim}`;
    this.watch.onAway(role);
    const began = Date.now();
    const end = await begin(this.sandbox);
    const beside = source === MAIN ? undefined : this.besideDeadSource(source);
    try {
      await sleep(seconds(step) * 1_000);
    } finally {
      await end();
      this.watch.onBack(role);
    }
    const ended = Date.now();
    const goesOnAfterSeconds = await this.untilWorkGoesOn(server, source);
    const { waited = true, othersAfterSeconds = 0 } = (await beside) ?? {};
    const came = { began, ended, goesOnAfterSeconds, waited, othersAfterSeconds };
    this.past.push({ kind: step.victim, server, source, why, ...came });
  }

  /** What is asked of a dead source waits; what others read goes on. */
  async besideDeadSource(source) {
    await this.request(source);
    await this.request(MAIN);
    const others = this.untilWorkGoesOn('source', MAIN);
    const until = Date.now() + LEAST_DEAD_SECONDS * 1_000;
    let waited = false;
    while (!waited && Date.now() < until) {
      await sleep(LOOK_EVERY_MS);
      waited = (await this.waiting(source)) > 0;
    }
    return { waited, othersAfterSeconds: await others };
  }

  /** Requests and units of work that the ledger has as waiting for a source. */
  waiting(source) {
    return this.ledger
      .value(
        `SELECT (SELECT COUNT(*) FROM factory_request_wait WHERE source = ?) +
                (SELECT COUNT(*) FROM factory_stage s JOIN factory_run r ON r.run_id = s.run_id
                  WHERE r.source = ? AND s.wait_since IS NOT NULL)`,
        [source, source],
      )
      .then(Number, () => 0);
  }

  /** Until somebody claims or finishes work that needs the server. */
  async untilWorkGoesOn(server, source) {
    const began = performance.now();
    const before = await this.progress(server, source);
    for (;;) {
      await sleep(LOOK_EVERY_MS);
      const seconds = (performance.now() - began) / 1_000;
      if ((await this.progress(server, source)) !== before || seconds > 2 * GOES_ON_WITHIN_SECONDS)
        return seconds;
    }
  }

  progress(server, source) {
    const stages = server === 'source' ? "WHERE r.source = ? AND s.stage IN ('data-prep', 'sampling')" : '';
    return this.ledger
      .value(
        `SELECT COALESCE(SUM(s.token), 0) + COALESCE(SUM(s.status = 'done'), 0) + COUNT(*)
           FROM factory_stage s JOIN factory_run r ON r.run_id = s.run_id ${stages}`,
        server === 'source' ? [source] : [],
      )
      .then(Number, () => undefined);
  }
}

/**
 * What must hold of outages, by what was written down of them and what the services logged.
 *
 * @param {Outages['past']} past
 * @param {{name: string, log: string}[]} logs
 */
export function outageChecks(past, logs) {
  const lines = logs.flatMap(({ name, log }) => parsedLines(log).map((line) => ({ service: name, ...line })));
  return [
    {
      rule: 'the services named every failover and every refused account: server and reason',
      faults: past
        .filter((outage) => !lines.some((line) => tells(line, outage)))
        .map(({ kind, began }) => `${kind} at ${new Date(began).toISOString()}: no line says so`),
    },
    {
      rule: `work went on within ${GOES_ON_WITHIN_SECONDS} s of the end of each`,
      faults: past
        .filter(({ goesOnAfterSeconds }) => goesOnAfterSeconds > GOES_ON_WITHIN_SECONDS)
        .map(({ kind, goesOnAfterSeconds }) => `${kind}: ${goesOnAfterSeconds.toFixed(1)} s`),
    },
    {
      rule: 'what was asked of a dead source waited, and other sources were read meanwhile',
      faults: past
        .filter(({ waited, othersAfterSeconds }) => !waited || othersAfterSeconds > GOES_ON_WITHIN_SECONDS)
        .map(({ kind, waited, othersAfterSeconds }) =>
          waited ? `${kind}: others after ${othersAfterSeconds.toFixed(1)} s` : `${kind}: nothing waited`,
        ),
    },
    {
      rule: 'no work failed: attempts were used by kills alone',
      faults: lines
        .filter(({ msg }) => String(msg).startsWith('failed: '))
        .map(({ service, run, stage, msg }) => `${service}: ${run} ${stage} ${msg}`),
    },
  ];
}

/** Outages that nobody told of, that took too long to get over, and work that failed. */
export function plantedOutages() {
  const told = { server: 'store', why: 'refused', began: 0, ended: 1, waited: true, othersAfterSeconds: 0 };
  const past = [
    { ...told, kind: 'planted', goesOnAfterSeconds: Infinity },
    { ...told, kind: 'planted too', goesOnAfterSeconds: 0, othersAfterSeconds: Infinity },
  ];
  return outageChecks(past, [{ name: 'planted', log: '{"level":"warn","msg":"failed: planted"}' }]);
}

/** How often each kind was caused, and how long its work took to go on at most. */
export function outageFigures(past) {
  return Object.fromEntries(
    OUTAGES.flatMap((kind) => {
      const all = past.filter((one) => one.kind === kind);
      if (all.length === 0) return [];
      const longest = Math.max(...all.map(({ goesOnAfterSeconds }) => goesOnAfterSeconds));
      const others = Math.max(...all.map(({ othersAfterSeconds }) => othersAfterSeconds));
      return [
        [`${kind}: longest until work went on`, { seconds: longest, unit: `${all.length} times` }],
        ...(others > 0 ? [[`${kind}: longest until other sources were read`, { seconds: others }]] : []),
      ];
    }),
  );
}

function tells(line, { server, source, why, began, ended }) {
  const at = Date.parse(line.time);
  if (!(at >= began && at <= ended + TOLD_WITHIN_MS)) return false;
  if (server === 'source' && why === 'unreachable')
    return line.level === 'warn' && line.source === source && line.code === 'source-away';
  if (line.level !== 'error') return false;
  if (server === 'source') return line.source === source && line.code === 'source-access-denied';
  return line.server === server && line.why === why;
}

function parsedLines(log) {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        // A process that is killed may leave half a line.
        return [];
      }
    });
}
