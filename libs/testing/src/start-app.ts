import { FactoryError } from '@factory/domain';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port';
import { repositoryRoot } from './repository';

/** One line of an app's log. */
export type LogLine = Readonly<Record<string, unknown>>;

export interface StartAppOptions {
  /** How long it may take to be ready; default 30,000. */
  readonly readyWithinMs?: number;
  /** False: does not wait (apps that should refuse to start). Default true. */
  readonly waitUntilReady?: boolean;
  /** Root folder of its release; default: this repository. */
  readonly release?: string;
  /** How long an orderly stop may take; default 20,000. */
  readonly stopWithinMs?: number;
}

/** An app did not behave like a healthy one; the text ends with its last log lines. */
export class AppFaultError extends FactoryError {
  constructor(app: RunningApp, fault: string) {
    const tail = app.output.slice(-30).join('\n');
    super('app-fault', `${app.name} (pid ${app.pid}) ${fault}\n${tail}`, false);
  }
}

/** A service as a separate process. */
export class RunningApp {
  /** Its output, both streams, line by line. */
  readonly output: string[] = [];
  /** The printed lines that are JSON objects. */
  readonly logs: LogLine[] = [];
  /** Resolves with its exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  private end: number | NodeJS.Signals | undefined;

  constructor(
    readonly name: string,
    /** Its HTTP port. */
    readonly port: number,
    private readonly child: ChildProcess,
    private readonly stopWithinMs: number,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.take(line));
    }
    this.ended = new Promise((resolve) =>
      // Not `exit`: the last lines may not have been read by then.
      child.once('close', (code, signal) => resolve((this.end = code ?? signal ?? 'SIGKILL'))),
    );
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get isRunning(): boolean {
    return this.end === undefined;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Waits until `/health/ready` answers 200. @throws AppFaultError if it exits before, or takes too long */
  async ready(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!(await this.saysReady())) {
      if (!this.isRunning) throw new AppFaultError(this, `ended with ${this.end} before it was ready`);
      if (performance.now() > deadline) throw new AppFaultError(this, `is not ready after ${withinMs} ms`);
      await sleep(50);
    }
  }

  /** Stops it in an orderly way (SIGTERM). @throws AppFaultError unless it exits in time with code 0 */
  async stop(): Promise<void> {
    if (this.isRunning) this.child.kill('SIGTERM');
    const end = await Promise.race([this.ended, sleep(this.stopWithinMs, 'late' as const, { ref: false })]);
    if (end === 0) return;
    if (end !== 'late') throw new AppFaultError(this, `ended with ${end}`);
    await this.kill();
    throw new AppFaultError(this, `had not stopped ${this.stopWithinMs} ms after SIGTERM`);
  }

  /** Kills it like a crash (SIGKILL). */
  async kill(): Promise<void> {
    if (this.isRunning) this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Suspends it (SIGSTOP), like a hanging machine. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  /** Resumes it after a pause. */
  resume(): void {
    this.child.kill('SIGCONT');
  }

  private async saysReady(): Promise<boolean> {
    try {
      return (await fetch(this.url('/health/ready'), { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  }

  private take(line: string): void {
    this.output.push(line);
    if (!line.startsWith('{')) return;
    try {
      this.logs.push(JSON.parse(line) as LogLine);
    } catch {
      // An incomplete line of a killed process.
    }
  }
}

/**
 * Starts `dist/apps/<name>/main.cjs` of a release on a free HTTP port.
 *
 * @param name the app's folder under apps/
 * @param env added to this process's environment; `HOST` and `PORT` are set
 */
export async function startApp(
  name: string,
  env: Readonly<Record<string, string>> = {},
  options: StartAppOptions = {},
): Promise<RunningApp> {
  const { release = repositoryRoot(), readyWithinMs = 30_000, waitUntilReady = true } = options;
  const main = join(release, 'dist', 'apps', name, 'main.cjs');
  if (!existsSync(main)) {
    throw new FactoryError('app-not-built', `${main} does not exist: run npm run build first`, false);
  }
  const port = Number(env.PORT ?? (await freePort()));
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, HOST: '127.0.0.1', PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const app = new RunningApp(name, port, child, options.stopWithinMs ?? 20_000);
  if (!waitUntilReady) return app;
  try {
    await app.ready(readyWithinMs);
  } catch (error) {
    await app.kill();
    throw error;
  }
  return app;
}
