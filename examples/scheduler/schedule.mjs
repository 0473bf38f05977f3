// Manages schedules of NATS: set NAME WHEN BODY, list, remove NAME.
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers } from '@nats-io/transport-node';

const STREAM = 'FACTORY_SCHEDULES';
const TARGET = 'factory.scheduled.retrain';

const connection = await connect({ servers: process.env.NATS_URL });
const manager = await jetstreamManager(connection);
const [verb, name, when, body] = process.argv.slice(2);
const subject = `factory.schedule.${name}`;

if (verb === 'set') {
  // The newest message of a subject is its schedule; remove earlier ones from the stream.
  await manager.streams.purge(STREAM, { filter: subject });
  const schedule = headers();
  schedule.set('Nats-Schedule', when);
  schedule.set('Nats-Schedule-Target', TARGET);
  await jetstream(connection).publish(subject, body, { headers: schedule });
  console.log(`${name}: ${when} ${body}`);
} else if (verb === 'list') {
  const info = await manager.streams.info(STREAM, { subjects_filter: 'factory.schedule.*' });
  for (const one of Object.keys(info.state.subjects ?? {})) {
    const message = await manager.streams.getMessage(STREAM, { last_by_subj: one });
    console.log(`${one}: ${message?.header.get('Nats-Schedule')} ${message?.string()}`);
  }
} else if (verb === 'remove') {
  const { purged } = await manager.streams.purge(STREAM, { filter: subject });
  console.log(`${name}: ${purged > 0 ? 'removed' : 'there was none'}`);
} else {
  console.error('usage: node schedule.mjs set NAME WHEN BODY | list | remove NAME');
  process.exitCode = 2;
}
await connection.close();
