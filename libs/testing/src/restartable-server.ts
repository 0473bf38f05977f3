import { FactoryError } from '@factory/domain';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from './repository';

const execute = promisify(execFile);

/** Roles of servers: NATS, MariaDB or MySQL (see STACK_DATABASE), SeaweedFS. */
export type ServerRole = 'broker' | 'database' | 'store';

/** A spec's private server, which it may kill. */
export interface RestartableServer {
  /** Addresses and credentials by environment name (`NATS_URL`, `FACTORY_DATABASE_URL`, `S3_...`). */
  readonly env: Readonly<Record<string, string>>;
  /** Kills it like a crash (SIGKILL), or stops it in an orderly way (SIGTERM). Its data are kept. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Restarts it on the same ports and data, and waits until it is ready. */
  start(): Promise<void>;
  /** Deletes its data, like a lost disk; it must be killed first. */
  erase(): Promise<void>;
  /** Restarts its store with another key pair: clients with the previous one are refused. */
  changeStoreKeys(accessKeyId: string, secretAccessKey: string): Promise<void>;
  /** Runs statements on its database as root, one after the other. */
  administer(...statements: readonly string[]): Promise<void>;
  /** Ends every session of a user of its database, such as `factory`. */
  endSessions(user: string): Promise<void>;
  /** Stops it and removes everything. */
  dispose(): Promise<void>;
}

/** Variables that would make the stack use a given server instead of starting one. */
const GIVEN = /^(NATS_URL|FACTORY_DATABASE_URL|SOURCE_ADMIN_URL|S3_)/;

/** Starts private servers, ignoring those given by the environment. */
export async function restartableServer(
  ...roles: readonly [ServerRole, ...ServerRole[]]
): Promise<RestartableServer> {
  const dir = await mkdtemp(join(tmpdir(), 'factory-server-'));
  const stack = async (...args: readonly string[]): Promise<string> => {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !GIVEN.test(name)));
    try {
      const tool = join(repositoryRoot(), 'tools', 'stack.mjs');
      return (await execute(process.execPath, [tool, ...args, '--dir', dir], { env })).stdout;
    } catch (error) {
      const said = (error as { stderr?: string }).stderr ?? '';
      throw new FactoryError('server-fault', `stack ${args.join(' ')}: ${said}`, false, { cause: error });
    }
  };
  const each = async (act: (role: ServerRole) => Promise<unknown>): Promise<void> => {
    for (const role of roles) await act(role);
  };
  const dispose = async (): Promise<void> => {
    await stack('down');
    await rm(dir, { recursive: true, force: true });
  };
  let env: Record<string, string>;
  try {
    env = JSON.parse(await stack('up', '--json', ...roles.flatMap((role) => ['--only', role]))) as typeof env;
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    env,
    kill: (signal = 'SIGKILL') => each((role) => stack('kill', role, '--signal', signal)),
    start: () => each((role) => stack('start', role)),
    erase: () => each((role) => stack('erase', role)),
    changeStoreKeys: async (id, secret) => void (await stack('keys', id, secret)),
    administer: async (...statements) => void (await stack('sql', ...statements)),
    endSessions: async (user) => void (await stack('end-sessions', user)),
    dispose,
  };
}
