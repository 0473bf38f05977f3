import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readImage } from '../checks/manifests/dockerfile.mjs';
import { root } from '../workspace/root.mjs';

const READY_MS = 90_000;
const STOP_MS = 40_000;

/** Starts one service from its bundle and waits until it is ready. @throws with the end of its log */
export async function startService(name, { log, env }) {
  const service = new ServiceProcess(name, log, env);
  await service.start();
  return service;
}

/** One service as a process; its log goes to a file. */
export class ServiceProcess {
  constructor(name, log, env) {
    this.name = name;
    this.log = log;
    this.env = env;
  }

  get pid() {
    return this.child.pid;
  }

  get alive() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async start() {
    const out = openSync(this.log, 'a');
    const offset = readFileSync(this.log).length;
    this.child = spawn(process.execPath, [join(root, 'dist', 'apps', this.name, 'main.cjs')], {
      env: { ...memorySettings(), ...this.env },
      stdio: ['ignore', out, out],
    });
    closeSync(out);
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
    const deadline = Date.now() + READY_MS;
    while (!this.readLog(offset).includes('"msg":"listening"')) {
      if (!this.alive || Date.now() > deadline)
        throw new Error(`${this.name} did not get ready:\n${this.readLog(offset).slice(-1500)}`);
      await sleep(50);
    }
    const line = this.readLog(offset)
      .split('\n')
      .find((one) => one.includes('"msg":"listening"'));
    this.port = JSON.parse(line).port;
  }

  /** SIGTERM, as Kubernetes does it; @returns the exit code */
  async stop() {
    if (!this.alive) return this.child.exitCode;
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    const code = await this.ended;
    clearTimeout(late);
    return code;
  }

  /** SIGKILL: nothing gets a chance. */
  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  readLog(offset = 0) {
    return readFileSync(this.log, 'utf8').slice(offset);
  }
}

/** What the image tells Node and the C library about memory: they read it when a process starts. */
function memorySettings() {
  const settings = Object.entries(readImage(root).environment);
  return Object.fromEntries(settings.filter(([name]) => /^(MALLOC_|NODE_OPTIONS$)/.test(name)));
}
