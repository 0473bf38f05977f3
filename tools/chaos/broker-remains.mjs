import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/**
 * @import { JetStreamManager, MsgRequest } from '@nats-io/jetstream'
 * @import { MsgHdrs } from '@nats-io/transport-node'
 *
 * @typedef {object} BrokerRemains
 * @property {string[]} open consumers with deliveries that are pending or not acknowledged
 * @property {Map<string, string[]>} ends ids of the messages that announce the end of each run
 * @property {string[]} dead letters
 */

const RUNS_STREAM = 'FACTORY';
const DEAD_STREAM = 'FACTORY_DEAD';

/**
 * State of the broker after the run.
 *
 * @param {string} url
 * @returns {Promise<BrokerRemains>}
 */
export async function readBroker(url) {
  const connection = await connect({ servers: url });
  try {
    const manager = await jetstreamManager(connection);
    /** @type {string[]} */
    const open = [];
    for await (const { name, num_pending, num_ack_pending } of manager.consumers.list(RUNS_STREAM))
      if (num_pending + num_ack_pending > 0) open.push(`${name}: ${num_pending} + ${num_ack_pending}`);
    /** @type {Map<string, string[]>} */
    const ends = new Map();
    for (const { headers } of await messagesOf(manager, RUNS_STREAM, 'factory.run.finished.>')) {
      const id = headers.get('Nats-Msg-Id');
      const run = id.split('/', 1).join();
      ends.set(run, [...(ends.get(run) ?? []), id]);
    }
    const dead = await messagesOf(manager, DEAD_STREAM, 'dead.>');
    return { open, ends, dead: dead.map(({ subject, headers }) => describe(subject, headers)) };
  } finally {
    await connection.close();
  }
}

/**
 * @param {JetStreamManager} manager
 * @param {string} stream
 * @param {string} subject with wildcards
 */
async function messagesOf(manager, stream, subject) {
  const { state } = await manager.streams.info(stream, { subjects_filter: subject });
  const total = Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
  /** @type {{subject: string, headers: MsgHdrs}[]} */
  const found = [];
  let seq = state.first_seq;
  while (found.length < total) {
    // The server also accepts the next message of a subject here; the client's type omits it.
    const next = /** @type {MsgRequest} */ ({ seq, next_by_subj: subject });
    const message = await manager.streams.getMessage(stream, next);
    if (!message) break;
    found.push({ subject: message.subject, headers: message.header });
    seq = message.seq + 1;
  }
  return found;
}

/**
 * @param {string} subject
 * @param {MsgHdrs | undefined} headers absent: the message has none
 */
function describe(subject, headers) {
  const values = (headers?.keys() ?? []).map((name) => `${name}: ${headers?.get(name)}`);
  return `${subject} (${values.join(', ')})`;
}
