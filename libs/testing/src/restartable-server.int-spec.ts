import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { restartableServer, type RestartableServer } from './restartable-server';

describe('restartableServer', () => {
  let server: RestartableServer | undefined;
  afterEach(() => server?.dispose());

  it('restarts a killed broker with its stream, and an erased one without it', async () => {
    server = await restartableServer('broker');
    const servers = server.env.NATS_URL!;
    const streamSize = async () => {
      const connection = await connect({ servers });
      const manager = await jetstreamManager(connection);
      const info = await manager.streams.info('KEPT').catch(() => undefined);
      await connection.close();
      return info?.state.messages;
    };

    const first = await connect({ servers, reconnect: false });
    await (await jetstreamManager(first)).streams.add({ name: 'KEPT', subjects: ['kept.>'] });
    await jetstream(first).publish('kept.one', 'message');
    await server.kill();
    await first.closed();
    await expect(connect({ servers, reconnect: false })).rejects.toThrow();

    await server.start();
    expect(await streamSize()).toBe(1);

    await server.kill('SIGTERM');
    await server.erase();
    await server.start();
    expect(await streamSize()).toBeUndefined();
  }, 60_000);

  it('restarts a killed database with its committed rows', async () => {
    server = await restartableServer('database');
    const url = server.env.FACTORY_DATABASE_URL!;
    const first = await createConnection(url);
    first.on('error', () => undefined);
    await first.query('CREATE TABLE kept (id INT PRIMARY KEY)');
    await first.query('INSERT INTO kept VALUES (1)');
    await first.query('START TRANSACTION');
    await first.query('INSERT INTO kept VALUES (2)');
    await server.kill();
    await server.start();

    const second = await createConnection(url);
    const [rows] = await second.query<RowDataPacket[]>('SELECT id FROM kept');
    await second.end();
    expect(rows).toEqual([{ id: 1 }]);
  }, 60_000);
});
