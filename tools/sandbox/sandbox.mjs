import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildApps } from '../packing/build-apps.mjs';
import { provision } from '../stack/provision.mjs';
import { down, up } from '../stack/stack.mjs';
import { ensurePackages } from '../install/ensure-packages.mjs';
import { root } from '../workspace/root.mjs';
import { sandboxEnvironment } from './environment.mjs';
import { FactoryCommand } from './factory-command.mjs';
import { startService } from './service-process.mjs';
import { SERVICES } from './services.mjs';

/**
 * @import { SandboxEnvironment } from './environment.mjs'
 * @import { DeclaredSource } from './factory-command.mjs'
 * @import { ServiceProcess } from './service-process.mjs'
 */

/**
 * A separate factory for a demo, a benchmark or a chaos run: servers, ledger, bucket and sources file under
 * `.stack/<name>`, empty at the start and removed at the end.
 *
 * @param {string} name
 * @param {{database?: string, say?: (line: string) => void}} options `database`: `mariadb` or `mysql`; default: the
 *   one that the stack chooses
 */
export async function openSandbox(name, { database, say = () => undefined } = {}) {
  await ensurePackages();
  say('bundling the apps');
  await buildApps();
  const folder = join(root, '.stack', name);
  const stack = join(folder, 'servers');
  await down(stack);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'logs'), { recursive: true });
  // A private stack: servers in the caller's environment may contain real data.
  const addresses = await up(stack, { env: {}, database, say });
  const sandbox = new Sandbox(folder, stack, addresses);
  try {
    await provision(sandbox.env, () => undefined);
  } catch (error) {
    await sandbox.close();
    throw error;
  }
  return sandbox;
}

export class Sandbox {
  /** @type {ServiceProcess[]} */
  services = [];

  /**
   * @param {string} folder of all its files
   * @param {string} stack folder of its servers
   * @param {Record<string, string>} addresses of them
   */
  constructor(folder, stack, addresses) {
    this.folder = folder;
    this.stack = stack;
    this.sourcesFile = join(folder, 'sources.yaml');
    this.rulesFile = join(folder, 'rules.yaml');
    writeFileSync(this.rulesFile, '');
    /** @type {SandboxEnvironment} */
    this.env = sandboxEnvironment({
      ...process.env,
      ...addresses,
      SOURCES_FILE: this.sourcesFile,
      RULES_FILE: this.rulesFile,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    });
    this.factory = new FactoryCommand(this.env);
  }

  /**
   * Adds a source's connection string to the environment of services that are started from now on.
   *
   * @param {DeclaredSource} source
   */
  declare({ connectionEnv, connectionString }) {
    this.env[connectionEnv] = connectionString;
  }

  /**
   * @param {string} connectionEnv
   * @returns {string} the connection string of a declared source
   */
  connectionOf(connectionEnv) {
    const connection = this.env[connectionEnv];
    if (!connection) throw new Error(`${connectionEnv}: declare that source first`);
    return connection;
  }

  /**
   * Starts services, each as a separate process, and waits until they are ready.
   *
   * @param {{copies?: number, names?: readonly string[], env?: Record<string, string>}} options
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
    const started = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    // Those that did start are stopped with the sandbox, even if others failed.
    this.services.push(...started);
    for (const one of settled) if (one.status === 'rejected') throw one.reason;
    return started;
  }

  /**
   * Stops the services in an orderly way, then the servers, and removes everything.
   *
   * @param {{keepLogs?: boolean}} options
   */
  async close({ keepLogs = false } = {}) {
    await Promise.all(this.services.map((service) => service.stop()));
    this.services = [];
    await down(this.stack);
    if (!keepLogs) rmSync(this.folder, { recursive: true, force: true });
  }
}
