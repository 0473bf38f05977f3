import { connect } from '@nats-io/transport-node';

/**
 * Publishes a retrain request exactly as the scheduler does: plain core NATS, JSON.
 *
 * @param {import('@nats-io/transport-node').NatsConnection} connection
 */
export async function requestRetrain(connection, request) {
  connection.publish('factory.retrain.requested', JSON.stringify(request));
  await connection.flush();
}

/**
 * Watches runs until so many have ended.
 *
 * @param {{url: string, runs: number, timeoutMs: number, say: (line: string) => void}} options
 * @returns {Promise<{connection: object, ended: Promise<object[]>}>} `ended` has the bodies of run.finished
 */
export async function followRuns({ url, runs, timeoutMs, say }) {
  const connection = await connect({ servers: url });
  const decoder = new TextDecoder();
  const names = new Map();
  const doing = new Map();
  const ended = [];
  connection.subscribe('factory.run.queued.>', {
    callback: (_error, message) => {
      const { run, source, product } = JSON.parse(decoder.decode(message.data));
      names.set(run, `${source}/${product}`);
    },
  });
  connection.subscribe('progress.*', {
    callback: (_error, message) => {
      const {
        run,
        stage,
        doing: what,
        trialsDone,
        trialsTotal,
        best,
      } = JSON.parse(decoder.decode(message.data));
      const line =
        stage === 'trials' ? `trials ${trialsDone ?? 0}/${trialsTotal ?? '?'}` : `${stage}: ${what}`;
      if (doing.get(run) === line || what === 'done') return;
      doing.set(run, line);
      const figure = best === undefined ? '' : `, best log-loss ${best.toFixed(5)}`;
      say(`${(names.get(run) ?? run.slice(0, 8)).padEnd(12)} ${line}${figure}`);
    },
  });
  const done = new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${ended.length} of ${runs} runs ended within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    connection.subscribe('factory.run.finished.>', {
      callback: (_error, message) => {
        const body = JSON.parse(decoder.decode(message.data));
        ended.push(body);
        say(`${`${body.source}/${body.product}`.padEnd(12)} ${body.outcome}: ${body.reason}`);
        if (ended.length < runs) return;
        clearTimeout(timer);
        resolve(ended);
      },
    });
  });
  done.catch(() => undefined);
  await connection.flush();
  return { connection, ended: done };
}
