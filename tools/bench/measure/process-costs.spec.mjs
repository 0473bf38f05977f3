import { createServer } from 'node:http';
import { once } from 'node:events';
import { cpuSeconds, longestStallMs, peakMebibytes } from './process-costs.mjs';

describe('what a process costs', () => {
  it('is the processor time that Node counts of itself', () => {
    const { user, system } = process.cpuUsage();
    expect(Math.abs(cpuSeconds(process.pid) - (user + system) / 1e6)).toBeLessThan(0.5);
  });

  it('grows with work', () => {
    const before = cpuSeconds(process.pid);
    const until = performance.now() + 300;
    while (performance.now() < until);
    expect(cpuSeconds(process.pid) - before).toBeGreaterThan(0.05);
  });

  it('has the peak that Node counts of itself', () => {
    const counted = process.resourceUsage().maxRSS / 1024;
    expect(peakMebibytes(process.pid) / counted).toBeCloseTo(1, 1);
  });

  it('is not had of a process that is gone', () => {
    expect(() => peakMebibytes(2 ** 22 + 1)).toThrow();
  });

  it('has the longest stall that a service tells', async () => {
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
