import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePorts, HIGHEST, LOWEST } from './ports.mjs';

describe('ports of servers', () => {
  it('are different, and below those that the system uses for outgoing connections', async () => {
    const ports = Object.values(await freePorts(['client', 'monitor', 'cluster']));
    expect(new Set(ports).size).toBe(3);
    for (const port of ports) {
      expect(port).toBeGreaterThanOrEqual(LOWEST);
      expect(port).toBeLessThan(HIGHEST);
    }
  });

  it('are neither in use nor assigned before', async () => {
    const { first } = await freePorts(['first']);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const used = typeof address === 'object' ? address?.port : undefined;
    const { third } = await freePorts(['third']);
    const draws = [first, used, third, LOWEST - 1];
    const { second } = await freePorts(['second'], () => draws.shift() ?? 0);
    server.close();
    expect(second).toBe(LOWEST - 1);
    expect(draws).toEqual([]);
  });
});
