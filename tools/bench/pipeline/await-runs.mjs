import { connect } from '@nats-io/transport-node';

/**
 * Listens for ends of runs from now on.
 *
 * @param {string} url of the broker
 */
export async function listenForEnds(url) {
  const connection = await connect({ servers: url });
  const decoder = new TextDecoder();
  const waiting = new Set();
  connection.subscribe('factory.run.finished.>', {
    callback: (_error, message) => {
      const body = JSON.parse(decoder.decode(message.data));
      for (const one of waiting) one(body);
    },
  });
  await connection.flush();
  return {
    /**
     * Publishes a request as any client would, and waits until so many different runs of its source have ended.
     *
     * @returns {Promise<object[]>} bodies of run.finished
     */
    async request(request, { runs, timeoutMs }) {
      const ended = new Map();
      let see;
      let late;
      const all = new Promise((resolve, reject) => {
        see = (body) => {
          if (body.source !== request.source) return;
          ended.set(body.run, body);
          if (ended.size === runs) resolve([...ended.values()]);
        };
        const failure = () => new Error(`${ended.size} of ${runs} runs ended within ${timeoutMs / 1_000} s`);
        late = setTimeout(() => reject(failure()), timeoutMs);
      });
      waiting.add(see);
      connection.publish('factory.retrain.requested', JSON.stringify(request));
      return all.finally(() => {
        clearTimeout(late);
        waiting.delete(see);
      });
    },
    close: () => connection.close(),
  };
}

/** @throws when a run did not end with a verdict: figures of such a round mean nothing */
export function mustHaveVerdicts(ended) {
  const odd = ended.filter(({ outcome }) => !['published', 'kept', 'rejected'].includes(outcome));
  if (odd.length > 0)
    throw new Error(odd.map(({ run, outcome, reason }) => `${run} ${outcome}: ${reason}`).join('\n'));
}
