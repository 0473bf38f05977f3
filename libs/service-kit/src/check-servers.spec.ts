import { BadInputError, ServerAwayError } from '@factory/domain';
import { waitForServers, type ServerProbe } from './check-servers';

const away = (server: 'broker' | 'database' | 'store') =>
  new ServerAwayError(server, { cause: new TypeError('connect ECONNREFUSED') });
const unreadable = new BadInputError('invalid-broker-url', {
  field: 'NATS_URL',
  value: 'ftp://x',
  todo: 'write nats://host:port',
});
const refused = new ServerAwayError('database', { why: 'refused', cause: new Error('Access denied') });

/** Fails with each error in turn, then answers. */
function probe(name: string, variable: string, ...errors: Error[]): ServerProbe {
  return {
    name,
    variable,
    check: () => {
      const error = errors.shift();
      return error ? Promise.reject(error) : Promise.resolve();
    },
  };
}

function wait(probes: ServerProbe[], timeoutMs = 60_000) {
  const told: string[] = [];
  const done = waitForServers(probes, { timeoutMs, intervalMs: 1, log: (text) => told.push(text) });
  return { done, told };
}

describe('waitForServers', () => {
  it('waits for servers that are unavailable and logs once what it waits for', async () => {
    const broker = probe('broker', 'NATS_URL', away('broker'), away('broker'));
    const store = probe('store', 'S3_ENDPOINT', away('store'), away('store'));
    const { done, told } = wait([broker, store]);
    await done;
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^waiting for broker \(.*\), store \(.*\)$/);
  });

  it('does not wait if waiting cannot help, and also names the servers that are unavailable', async () => {
    const { done, told } = wait([
      probe('broker', 'NATS_URL', unreadable),
      probe('database', 'FACTORY_DATABASE_URL'),
      probe('store', 'S3_ENDPOINT', away('store')),
    ]);
    await expect(done).rejects.toMatchObject({
      code: 'servers-unusable',
      refusals: [
        { field: 'NATS_URL', value: 'ftp://x' },
        { field: 'S3_ENDPOINT', todo: expect.stringContaining('ECONNREFUSED') },
      ],
    });
    expect(told).toEqual([]);
  });

  it('waits if the account is refused: its password may be in rotation', async () => {
    const { done, told } = wait([probe('database', 'FACTORY_DATABASE_URL', refused, refused)]);
    await done;
    expect(told).toEqual([
      'waiting for database (the database refuses the account (Access denied): correct its password or its rights)',
    ]);
  });

  it('reports in the end that the account is refused, not that the server has to be started', async () => {
    const { done } = wait([probe('database', 'FACTORY_DATABASE_URL', refused)], 0);
    await expect(done).rejects.toThrow(
      'FACTORY_DATABASE_URL = "database": the database refuses the account (Access denied): correct its password',
    );
  });

  it('gives up when the time is over', async () => {
    const { done } = wait([probe('database', 'FACTORY_DATABASE_URL', away('database'))], 0);
    await expect(done).rejects.toThrow(/FACTORY_DATABASE_URL = "database": start the database or correct/);
  });
});
