import { STREAMS } from '@factory/contracts';
import type { Factory } from '@factory/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

/** Messages by subject on the stream of runs. */
export async function messagesBySubject(factory: Factory): Promise<Readonly<Record<string, number>>> {
  const connection = await connect({ servers: factory.env.NATS_URL });
  try {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info(STREAMS.runs.name, { subjects_filter: '>' });
    return state.subjects ?? {};
  } finally {
    await connection.close();
  }
}
