import {
  mustSucceed,
  repositoryRoot,
  runProgram,
  type Factory,
  type RunningApp,
  type ServiceName,
} from '@factory/testing';
import { join } from 'node:path';

/** Builds another release (`tools/releases/build.mjs`), unless it exists already. @returns its root folder */
export async function builtRelease(...which: readonly string[]): Promise<string> {
  const tool = join(repositoryRoot(), 'tools', 'releases', 'build.mjs');
  const built = await runProgram(process.execPath, [tool, ...which]);
  return mustSucceed(`build ${which.join(' ')}`, built).trim();
}

/** Services of two releases at the same time, at most one process of each release and service. */
export class MixedServices {
  private readonly running = new Map<string, RunningApp>();

  /** @param releases root folder by name */
  constructor(
    private readonly factory: Factory,
    private readonly releases: Readonly<Record<'old' | 'new', string>>,
  ) {}

  /** Starts the wanted processes that are not running, then stops all others. */
  async become(wanted: Partial<Record<ServiceName, readonly ('old' | 'new')[]>>): Promise<void> {
    const names = Object.entries(wanted).flatMap(([service, ofs]) => ofs.map((of) => `${of} ${service}`));
    await this.also(...names);
    const leaving = [...this.running].filter(([name]) => !names.includes(name));
    for (const [name] of leaving) this.running.delete(name);
    await Promise.all(leaving.map(([, app]) => app.stop()));
  }

  /** Starts more: `new trainer`. */
  async also(...names: readonly string[]): Promise<void> {
    const missing = names.filter((name) => !this.running.has(name));
    await Promise.all(
      missing.map(async (name) => {
        const [of, service] = name.split(' ') as ['old' | 'new', ServiceName];
        const env = { SWEEP_SECONDS: '1', SERVICE_INSTANCE: name.replace(' ', '-') };
        this.running.set(name, await this.factory.start(service, env, this.releases[of]));
      }),
    );
  }

  /** How many messages a process has returned for a later release. */
  async givenBack(name: string): Promise<number> {
    const app = this.app(name);
    const metrics = await (await fetch(app.url('/metrics'))).text();
    const counts = metrics.matchAll(/^factory_newer_messages_total\{[^}]*\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  /** Log lines of a process about messages that wait for a later release. */
  notices(name: string): string[] {
    return this.app(name).output.filter((line) => line.includes('wait for a later release'));
  }

  private app(name: string): RunningApp {
    const app = this.running.get(name);
    if (!app) throw new RangeError(`${name} does not run`);
    return app;
  }
}
