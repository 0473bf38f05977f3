import { connect } from '@nats-io/transport-node';
import { onRunFinished } from '../sandbox/retrain.mjs';

/**
 * @import { ProgressMessage, RunFinished, RunQueued } from '@factory/contracts'
 * @import { NatsConnection } from '@nats-io/transport-node'
 */

/**
 * Watches runs until the given number have ended.
 *
 * @param {{url: string, runs: number, timeoutMs: number, say: (line: string) => void}} options
 * @returns {Promise<{connection: NatsConnection, ended: Promise<RunFinished[]>}>}
 */
export async function followRuns({ url, runs, timeoutMs, say }) {
  const connection = await connect({ servers: url });
  sayProgress(connection, say);
  const ended = endsOf(connection, { runs, timeoutMs, say });
  // A failure is reported to the caller that awaits it; until the requests are published there is none.
  ended.catch(() => undefined);
  await connection.flush();
  return { connection, ended };
}

/**
 * Prints the progress of runs, each step once.
 *
 * @param {NatsConnection} connection
 * @param {(line: string) => void} say
 */
function sayProgress(connection, say) {
  /** @type {Map<string, string>} */
  const names = new Map();
  /** @type {Map<string, string>} */
  const doing = new Map();
  connection.subscribe('factory.run.queued.>', {
    callback: (_error, message) => {
      /** @type {RunQueued} */
      const { run, source, product } = message.json();
      names.set(run, `${source}/${product}`);
    },
  });
  connection.subscribe('progress.*', {
    callback: (_error, message) => {
      /** @type {ProgressMessage} */
      const progress = message.json();
      const { run, best } = progress;
      const line = progressLine(progress);
      if (doing.get(run) === line || progress.doing === 'done') return;
      doing.set(run, line);
      const figure = best === undefined ? '' : `, best log-loss ${best.toFixed(5)}`;
      say(`${(names.get(run) ?? run.slice(0, 8)).padEnd(12)} ${line}${figure}`);
    },
  });
}

/** @param {ProgressMessage} progress */
function progressLine({ stage, doing, trialsDone, trialsTotal }) {
  return stage === 'trials' ? `trials ${trialsDone ?? 0}/${trialsTotal ?? '?'}` : `${stage}: ${doing}`;
}

/**
 * @param {NatsConnection} connection
 * @param {{runs: number, timeoutMs: number, say: (line: string) => void}} options
 * @returns {Promise<RunFinished[]>} of different runs
 */
function endsOf(connection, { runs, timeoutMs, say }) {
  /** @type {Map<string, RunFinished>} */
  const ended = new Map();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${ended.size} of ${runs} runs ended within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    onRunFinished(connection, (body) => {
      if (ended.has(body.run)) return;
      ended.set(body.run, body);
      say(`${`${body.source}/${body.product}`.padEnd(12)} ${body.outcome}: ${body.reason}`);
      if (ended.size < runs) return;
      clearTimeout(timer);
      resolve([...ended.values()]);
    });
  });
}
