import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess, isAlive, startOf } from './processes.mjs';
import { down } from './stack.mjs';
import { readState, serversIn, withLock, writeServer, writeState } from './state.mjs';

/** @type {string} */
let dir;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'stack-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A process that was started elsewhere and only ends on a signal. */
async function startStranger() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  return { pid, start: startOf(pid) };
}

/** @param {{pid: number, start: string | undefined}} process */
const asServer = (process) =>
  /** @type {const} */ ({ kind: 'process', env: {}, ports: {}, secrets: {}, binary: '', process });

describe('the state of a stack', () => {
  it('is empty if nothing was started', () => {
    expect(serversIn(dir)).toEqual([]);
  });

  it('is stored per server, and only its owner can read it', () => {
    writeState(dir, { version: 1, servers: {}, visitorHashKey: 'key' });
    writeServer(dir, 'broker', { kind: 'given', env: { NATS_URL: 'nats://one' } });
    writeServer(dir, 'store', { kind: 'given', env: { S3_BUCKET: 'b' } });
    expect(readState(dir).visitorHashKey).toBe('key');
    expect(serversIn(dir).map(({ role }) => role)).toEqual(['broker', 'store']);
    expect(statSync(join(dir, 'state.json')).mode & 0o077).toBe(0);
  });

  it('is changed by one process at a time', async () => {
    /** @type {string[]} */
    const order = [];
    /** @param {string} name */
    const work = (name) =>
      withLock(dir, async () => {
        order.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 50));
        order.push(`${name} ends`);
      });
    await Promise.all([work('one'), work('two')]);
    const [first] = order[0]?.split(' ') ?? [];
    expect(order.slice(0, 2)).toEqual([`${first} begins`, `${first} ends`]);
    expect(order).toHaveLength(4);
  });

  it('has a lock that is taken over from a dead process', async () => {
    writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: process.pid, start: 'another life' }));
    await expect(withLock(dir, async () => 'done')).resolves.toBe('done');
  });
});

describe('down', () => {
  it('stops the servers of the stack and removes its files', async () => {
    const server = await startStranger();
    writeServer(dir, 'broker', asServer(server));
    writeFileSync(join(dir, 'lock'), '');
    await down(dir);
    expect(isAlive(server)).toBe(false);
    expect(existsSync(dir)).toBe(false);
  });

  it('does not stop a process that reuses the pid of an ended server, nor given servers', async () => {
    const stranger = await startStranger();
    writeServer(dir, 'broker', asServer({ ...stranger, start: 'another life' }));
    writeServer(dir, 'store', { kind: 'given', env: {} });
    await down(dir);
    expect(isAlive(stranger)).toBe(true);
    await endProcess(stranger, 'SIGKILL');
  });

  it('keeps other files in its folder', async () => {
    writeFileSync(join(dir, 'notes.txt'), 'mine');
    await down(dir);
    expect(existsSync(join(dir, 'notes.txt'))).toBe(true);
  });
});
