import { createServer } from 'node:http';
import { once } from 'node:events';
import { cpuSeconds, longestStallMs, peakMebibytes } from './process-costs.mjs';

describe('the costs of a process', () => {
  it('include the processor time that Node reports for itself', () => {
    const { user, system } = process.cpuUsage();
    expect(Math.abs(cpuSeconds(process.pid) - (user + system) / 1e6)).toBeLessThan(0.5);
  });

  it('grow with work', () => {
    const before = cpuSeconds(process.pid);
    const until = performance.now() + 300;
    while (performance.now() < until);
    expect(cpuSeconds(process.pid) - before).toBeGreaterThan(0.05);
  });

  it('include the peak memory that Node reports for itself', () => {
    const counted = process.resourceUsage().maxRSS / 1024;
    expect(peakMebibytes(process.pid) / counted).toBeCloseTo(1, 1);
  });

  it('are not available for a process that has ended', () => {
    expect(() => peakMebibytes(2 ** 22 + 1)).toThrow();
  });

  it('include the longest stall that a service reports', async () => {
    const server = createServer((_request, response) =>
      response.end('# TYPE x gauge\nnodejs_eventloop_lag_max_seconds{service="a"} 0.25\n'),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect(await longestStallMs(port)).toBe(250);
    server.close();
  });
});
