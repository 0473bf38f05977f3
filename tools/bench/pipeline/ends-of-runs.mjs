import { connect } from '@nats-io/transport-node';
import { onRunFinished, requestRetrain } from '../../sandbox/retrain.mjs';

/**
 * @import { RunFinished } from '@factory/contracts'
 * @import { NatsConnection } from '@nats-io/transport-node'
 * @import { RetrainRequest } from '../../sandbox/retrain.mjs'
 */

const VERDICTS = ['published', 'kept', 'rejected'];

/** Requests models like any client, and listens for the ends of their runs. */
export class EndsOfRuns {
  /** @type {Set<(ended: RunFinished) => void>} */
  #listeners = new Set();
  #connection;

  /** @param {NatsConnection} connection */
  constructor(connection) {
    this.#connection = connection;
    onRunFinished(connection, (ended) => this.#listeners.forEach((listener) => listener(ended)));
  }

  /**
   * Listens from now on.
   *
   * @param {string} url of the broker
   */
  static async listen(url) {
    const connection = await connect({ servers: url });
    const ends = new EndsOfRuns(connection);
    await connection.flush();
    return ends;
  }

  /**
   * Publishes a request, and waits until the given number of different runs of its source have ended.
   *
   * @param {RetrainRequest} request
   * @param {{runs: number, timeoutMs: number}} options
   * @returns {Promise<RunFinished[]>}
   * @throws if a run did not end with a verdict: the figures of such a round are meaningless
   */
  async request(request, { runs, timeoutMs }) {
    /** @type {Map<string, RunFinished>} */
    const ended = new Map();
    /** @type {((body: RunFinished) => void) | undefined} */
    let listener;
    /** @type {NodeJS.Timeout | undefined} */
    let late;
    try {
      await new Promise((resolve, reject) => {
        listener = (body) => {
          if (body.source !== request.source) return;
          ended.set(body.run, body);
          if (ended.size === runs) resolve(undefined);
        };
        this.#listeners.add(listener);
        const failure = () => new Error(`${ended.size} of ${runs} runs ended within ${timeoutMs / 1_000} s`);
        late = setTimeout(() => reject(failure()), timeoutMs);
        requestRetrain(this.#connection, request);
      });
    } finally {
      clearTimeout(late);
      if (listener) this.#listeners.delete(listener);
    }
    mustHaveVerdicts([...ended.values()]);
    return [...ended.values()];
  }

  /**
   * Requests the model of one product.
   *
   * @param {RetrainRequest} request
   * @param {{timeoutMs: number}} options
   * @returns {Promise<RunFinished>}
   */
  async requestOne(request, { timeoutMs }) {
    const [ended] = await this.request(request, { runs: 1, timeoutMs });
    if (!ended) throw new Error('no run ended');
    return ended;
  }

  close() {
    return this.#connection.close();
  }
}

/** @param {readonly RunFinished[]} ended */
function mustHaveVerdicts(ended) {
  const odd = ended.filter(({ outcome }) => !VERDICTS.includes(outcome));
  if (odd.length > 0)
    throw new Error(odd.map(({ run, outcome, reason }) => `${run} ${outcome}: ${reason}`).join('\n'));
}
