import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { mustRun, programOnPath, run } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';
import { databaseAccounts } from './database-accounts.mjs';

const FILE = join(root, 'docker', 'compose.yml');
/** The role of a server and its service's name in the compose file. */
const SERVICES = { broker: 'nats', database: 'mysql', store: 'seaweedfs' };

const projectOf = (dir) => `factory-${createHash('sha256').update(dir).digest('hex').slice(0, 10)}`;

let engine;

/** True when an engine answers and knows compose. Asked once. */
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

function compose(dir, args, env = {}) {
  return mustRun('docker', ['compose', '--project-name', projectOf(dir), '--file', FILE, ...args], {
    quiet: true,
    env: { ...process.env, ...env },
    todo: `See docker compose --project-name ${projectOf(dir)} logs.`,
  });
}

/** What the compose file reads: host ports and secrets of the servers known so far. */
export function composeEnvironment(servers) {
  const { broker, database, store } = servers;
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

/** Starts one service and waits for its health check. */
export async function composeStart(dir, role, servers) {
  const env = composeEnvironment(servers);
  await compose(dir, ['up', '--detach', '--wait', '--no-recreate', SERVICES[role]], env);
  if (role === 'database') await setUpUsers(servers.database);
}

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

export async function composeKill(dir, role, signal) {
  await compose(
    dir,
    signal === 'SIGTERM' ? ['stop', SERVICES[role]] : ['kill', '-s', signal, SERVICES[role]],
  );
}

/** Removes containers, volumes and network of a stack. */
export async function composeDown(dir) {
  await compose(dir, ['down', '--volumes', '--remove-orphans']);
}
