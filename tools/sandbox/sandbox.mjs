import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildApps } from '../packing/build-apps.mjs';
import { provision } from '../stack/provision.mjs';
import { down, up } from '../stack/stack.mjs';
import { ensurePackages } from '../install/ensure-packages.mjs';
import { root } from '../workspace/root.mjs';
import { startService } from './service-process.mjs';

export const SERVICES = ['data-prep', 'sampling', 'trainer', 'evaluator', 'publisher'];

/**
 * A factory of its own for a demo, a benchmark or a trial of strength: servers, ledger, bucket and sources file under
 * `.stack/<name>`, empty at the start and gone at the end.
 *
 * @param {string} name
 * @param {{say?: (line: string) => void}} options
 */
export async function openSandbox(name, { say = () => undefined } = {}) {
  await ensurePackages();
  say('packing the apps');
  await buildApps();
  const folder = join(root, '.stack', name);
  const stack = join(folder, 'servers');
  await down(stack);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'logs'), { recursive: true });
  // A private stack: addresses in the caller's environment may hold somebody's data.
  const addresses = await up(stack, { env: {}, say });
  const sandbox = new Sandbox(folder, stack, addresses);
  try {
    await provision(sandbox.env, () => undefined);
  } catch (error) {
    await sandbox.close();
    throw error;
  }
  return sandbox;
}

class Sandbox {
  /** @type {import('./service-process.mjs').ServiceProcess[]} */
  services = [];

  constructor(folder, stack, addresses) {
    this.folder = folder;
    this.stack = stack;
    this.sourcesFile = join(folder, 'sources.yaml');
    this.env = {
      ...process.env,
      ...addresses,
      SOURCES_FILE: this.sourcesFile,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    };
  }

  /** Runs a `factory` command; @returns its standard output. @throws with its message when it fails */
  async factory(...args) {
    const child = spawn(process.execPath, [join(root, 'dist', 'apps', 'cli', 'main.cjs'), ...args], {
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err += chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0)
      throw new Error(`factory ${args.join(' ')} ended with ${code}:\n${err.trim() || out.trim()}`);
    return out;
  }

  /** The data that a `factory` command prints with --json. */
  async factoryJson(...args) {
    return JSON.parse(await this.factory(...args, '--json'));
  }

  /** Makes a source's connection string known to services that are started from now on. */
  declare({ connectionEnv, connectionString }) {
    this.env[connectionEnv] = connectionString;
  }

  /**
   * Starts services as processes of their own and waits until they are ready.
   *
   * @param {{copies?: number, names?: string[], env?: Record<string, string>}} options
   */
  async startServices({ copies = 1, names = SERVICES, env = {} } = {}) {
    const starting = names.flatMap((name) =>
      Array.from({ length: copies }, (_, copy) =>
        startService(name, {
          log: join(this.folder, 'logs', `${name}-${copy + 1}.log`),
          env: { ...this.env, ...env, PORT: '0', SERVICE_INSTANCE: `${name}-${copy + 1}` },
        }),
      ),
    );
    const settled = await Promise.allSettled(starting);
    const started = settled.flatMap(({ status, value }) => (status === 'fulfilled' ? [value] : []));
    // Those that did start are stopped with the sandbox, whatever became of the others.
    this.services.push(...started);
    const failure = settled.find(({ status }) => status === 'rejected');
    if (failure) throw failure.reason;
    return started;
  }

  /** Stops the services in good order, then the servers, and removes everything. */
  async close({ keepLogs = false } = {}) {
    await Promise.all(this.services.map((service) => service.stop()));
    this.services = [];
    await down(this.stack);
    if (!keepLogs) rmSync(this.folder, { recursive: true, force: true });
  }
}
