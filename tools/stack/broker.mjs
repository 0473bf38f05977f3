import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { natsBinary } from './binaries.mjs';

/** NATS with JetStream file storage. @type {import('./server.mjs').Server} */
export const broker = {
  role: 'broker',
  title: 'NATS',
  ports: ['client', 'monitor'],
  secrets: [],
  needs: ['NATS_URL'],
  binary: natsBinary,

  environment: ({ ports }) => ({ NATS_URL: `nats://127.0.0.1:${ports.client}` }),

  async command({ folder, binary, ports }) {
    const file = join(folder, 'nats.conf');
    const config = `
server_name: factory
listen: "127.0.0.1:${ports.client}"
http: "127.0.0.1:${ports.monitor}"
jetstream {
  store_dir: ${JSON.stringify(join(folder, 'jetstream'))}
  max_memory_store: 268435456
  max_file_store: 21474836480
}
`;
    writeFileSync(file, config);
    return { file: binary, args: ['--config', file] };
  },

  async ready({ env }) {
    const { connect } = await import('@nats-io/transport-node');
    const { jetstreamManager } = await import('@nats-io/jetstream');
    const connection = await connect({ servers: env.NATS_URL, reconnect: false, timeout: 2_000 });
    try {
      await (await jetstreamManager(connection)).getAccountInfo();
    } finally {
      await connection.close();
    }
  },
};
