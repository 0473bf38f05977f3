import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeStaleSocketLock } from './mysql-socket-lock.mjs';
import { startOf } from './processes.mjs';

describe('the lock file of a MySQL socket', () => {
  const folder = mkdtempSync(join(tmpdir(), 'socket-lock-'));
  const lock = join(folder, 'database.sock.lock');
  const me = { pid: process.pid, start: startOf(process.pid) };

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is removed while the dead server still has its pid', () => {
    const server = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const pid = server.pid ?? 0;
    const last = { pid, start: startOf(pid) };
    writeFileSync(lock, `${pid}\n`);
    removeStaleSocketLock(lock, last);
    expect(existsSync(lock)).toBe(true);
    server.kill('SIGKILL');
    // It is not waited for before this function returns: it remains a zombie, which accepts signals.
    while (startOf(pid) !== undefined);
    expect(() => process.kill(pid, 0)).not.toThrow();
    removeStaleSocketLock(lock, last);
    expect(existsSync(lock)).toBe(false);
  });

  it('is removed when another process has got its pid', () => {
    writeFileSync(lock, `${me.pid}\n`);
    removeStaleSocketLock(lock, { pid: me.pid, start: 'before' });
    expect(existsSync(lock)).toBe(false);
  });

  it('is kept while its server lives, whichever process started it', () => {
    for (const last of [me, undefined, { pid: me.pid + 1, start: 'another' }]) {
      writeFileSync(lock, `${me.pid}\n`);
      removeStaleSocketLock(lock, last);
      expect(readFileSync(lock, 'utf8')).toBe(`${me.pid}\n`);
    }
  });

  it('may be missing', () => {
    rmSync(lock, { force: true });
    expect(() => removeStaleSocketLock(lock, undefined)).not.toThrow();
  });
});
