import { spawn } from 'node:child_process';
import { freePort } from './free-port';
import { RunningApp, startApp } from './start-app';

/** A service of a few lines: ready after `readyAfterMs`, ends on SIGTERM with `exitCode`. */
async function runScript({ readyAfterMs = 0, exitCode = 0, deaf = false } = {}): Promise<RunningApp> {
  const port = await freePort();
  const script = `
    const from = Date.now() + ${readyAfterMs};
    require('node:http')
      .createServer((request, response) => response.writeHead(Date.now() < from ? 503 : 200).end())
      .listen(${port}, '127.0.0.1', () => console.log(JSON.stringify({ level: 30, msg: 'listening' })));
    process.on('SIGTERM', () => { console.log('bye'); if (!${deaf}) process.exit(${exitCode}); });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  return new RunningApp('script', port, child, 500);
}

describe('RunningApp', () => {
  it('waits for readiness, reads the JSON logs and stops cleanly', async () => {
    const app = await runScript({ readyAfterMs: 200 });
    await app.ready(5_000);
    expect(app.logs).toEqual([{ level: 30, msg: 'listening' }]);
    await app.stop();
    expect(app.output.at(-1)).toBe('bye');
    expect(app.isRunning).toBe(false);
  });

  it('fails with the end of its log if it does not exit with 0 when stopped', async () => {
    const app = await runScript({ exitCode: 3 });
    await app.ready(5_000);
    await expect(app.stop()).rejects.toThrow(/ended with 3\n[^]*bye/);
  });

  it('kills an app that does not stop in time, and reports it', async () => {
    const app = await runScript({ deaf: true });
    await app.ready(5_000);
    await expect(app.stop()).rejects.toThrow('had not stopped 500 ms after SIGTERM');
    await expect(app.ended).resolves.toBe('SIGKILL');
  });

  it('fails at once if the app exits before it is ready', async () => {
    const child = spawn(process.execPath, ['-e', 'console.error("no database"); process.exit(1)']);
    const app = new RunningApp('script', await freePort(), child, 500);
    await expect(app.ready(5_000)).rejects.toThrow(/ended with 1 before it was ready\nno database/);
  });

  it('names the command that builds a missing app', async () => {
    await expect(startApp('no-such-app')).rejects.toThrow('npm run build');
  });
});
