import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

const RUNS_STREAM = 'FACTORY';
const DEAD_STREAM = 'FACTORY_DEAD';

/** What lies on the broker: open deliveries, announcements of ends by run, dead letters. */
export async function readBroker(url) {
  const connection = await connect({ servers: url });
  try {
    const manager = await jetstreamManager(connection);
    const open = [];
    for await (const { name, num_pending, num_ack_pending } of manager.consumers.list(RUNS_STREAM))
      if (num_pending + num_ack_pending > 0) open.push(`${name}: ${num_pending} + ${num_ack_pending}`);
    const ends = new Map();
    for (const { headers } of await messagesOf(manager, RUNS_STREAM, 'factory.run.finished.>')) {
      const [run] = headers.get('Nats-Msg-Id').split('/');
      ends.set(run, [...(ends.get(run) ?? []), headers.get('Nats-Msg-Id')]);
    }
    const dead = await messagesOf(manager, DEAD_STREAM, 'dead.>');
    return { open, ends, dead: dead.map(({ subject, headers }) => describe(subject, headers)) };
  } finally {
    await connection.close();
  }
}

async function messagesOf(manager, stream, subject) {
  const { state } = await manager.streams.info(stream, { subjects_filter: subject });
  const total = Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
  const found = [];
  let seq = state.first_seq;
  while (found.length < total) {
    const message = await manager.streams.getMessage(stream, { seq, next_by_subj: subject });
    if (!message) break;
    found.push({ subject: message.subject, headers: message.header });
    seq = message.seq + 1;
  }
  return found;
}

function describe(subject, headers) {
  const values = (headers?.keys() ?? []).map((name) => `${name}: ${headers.get(name)}`);
  return `${subject} (${values.join(', ')})`;
}
