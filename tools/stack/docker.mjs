import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { mustRun, programOnPath, run } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';
import { databaseAccounts } from './database-accounts.mjs';

const FILE = join(root, 'docker', 'compose.yml');
/** The role of a server and its service's name in the compose file. */
const SERVICES = { broker: 'nats', database: 'mysql', store: 'seaweedfs' };

/** @param {string} dir */
const projectOf = (dir) => `factory-${createHash('sha256').update(dir).digest('hex').slice(0, 10)}`;

/** @type {Promise<boolean> | undefined} */
let engine;

/** True if an engine answers and supports compose. Checked once. */
export function dockerRuns() {
  engine ??= (async () => {
    const docker = programOnPath('docker');
    if (!docker) return false;
    for (const args of [['compose', 'version'], ['info']]) {
      const { code } = await run(docker, args, { quiet: true, timeoutMs: 10_000 });
      if (code !== 0) return false;
    }
    return true;
  })();
  return engine;
}

/**
 * @param {string} dir
 * @param {readonly string[]} args
 * @param {Record<string, string | undefined>} [env]
 */
function compose(dir, args, env = {}) {
  return mustRun('docker', ['compose', '--project-name', projectOf(dir), '--file', FILE, ...args], {
    quiet: true,
    env: { ...process.env, ...env },
    todo: `See docker compose --project-name ${projectOf(dir)} logs.`,
  });
}

/**
 * @typedef {import('./state.mjs').StackState['servers']} Servers
 * @typedef {import('./server.mjs').Role} Role
 */

/**
 * Variables of the compose file: host ports and secrets of the servers known so far.
 *
 * @param {Servers} servers
 */
export function composeEnvironment(servers) {
  const [broker, database, store] = [servers.broker, servers.database, servers.store].map(inDocker);
  return {
    ...(broker && {
      FACTORY_NATS_PORT: String(broker.ports.client),
      FACTORY_NATS_MONITOR_PORT: String(broker.ports.monitor),
    }),
    ...(database && {
      FACTORY_MYSQL_PORT: String(database.ports.sql),
      FACTORY_MYSQL_ROOT_PASSWORD: database.secrets.root,
    }),
    ...(store && {
      FACTORY_S3_PORT: String(store.ports.s3),
      FACTORY_S3_ACCESS_KEY_ID: store.secrets.accessKey,
      FACTORY_S3_SECRET_ACCESS_KEY: store.secrets.secretKey,
    }),
  };
}

/** @param {import('./server.mjs').ServerState | undefined} known */
function inDocker(known) {
  return known?.kind === 'docker' ? known : undefined;
}

/**
 * Starts one service and waits for its health check.
 *
 * @param {string} dir
 * @param {Role} role
 * @param {Servers} servers
 */
export async function composeStart(dir, role, servers) {
  const env = composeEnvironment(servers);
  await compose(dir, ['up', '--detach', '--wait', '--no-recreate', SERVICES[role]], env);
  const database = inDocker(servers.database);
  if (role === 'database' && database) await setUpUsers(database);
}

/** @param {import('./server.mjs').Own} own */
async function setUpUsers({ ports, secrets }) {
  const { createConnection } = await import('mysql2/promise');
  const connection = await createConnection({
    host: '127.0.0.1',
    port: ports.sql,
    user: 'root',
    password: secrets.root,
  });
  for (const statement of databaseAccounts(secrets)) await connection.query(statement);
  await connection.end();
}

/**
 * @param {string} dir
 * @param {Role} role
 * @param {NodeJS.Signals} signal
 */
export async function composeKill(dir, role, signal) {
  await compose(
    dir,
    signal === 'SIGTERM' ? ['stop', SERVICES[role]] : ['kill', '-s', signal, SERVICES[role]],
  );
}

/**
 * Removes containers, volumes and network of a stack.
 *
 * @param {string} dir
 */
export async function composeDown(dir) {
  await compose(dir, ['down', '--volumes', '--remove-orphans']);
}
