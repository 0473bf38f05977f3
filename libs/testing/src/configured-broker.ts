import { FactoryError } from '@factory/domain';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port';
import { repositoryRoot } from './repository';
import { until } from './until';

const execute = promisify(execFile);

/** A NATS server with a spec's own configuration. */
export interface ConfiguredBroker {
  readonly url: string;
  /** Restarts it with another configuration, on the same port and data. */
  reconfigure(config: string): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * Starts a NATS server.
 *
 * @param config lines of nats.conf without address and store; `$STORE` is replaced by a new folder
 */
export async function configuredBroker(config: string): Promise<ConfiguredBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'factory-broker-'));
  const port = await freePort();
  const binary = await natsBinary();
  let child = await start(binary, folder, port, config);
  return {
    url: `nats://127.0.0.1:${port}`,
    reconfigure: async (changed) => {
      await stop(child);
      child = await start(binary, folder, port, changed);
    },
    dispose: async () => {
      await stop(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function natsBinary(): Promise<string> {
  const binaries = join(repositoryRoot(), 'tools', 'stack', 'binaries.mjs');
  const ask = `import(${JSON.stringify(binaries)}).then((m) => m.natsBinary()).then((path) => console.log(path))`;
  const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', ask]);
  return stdout.trim();
}

async function start(binary: string, folder: string, port: number, config: string): Promise<ChildProcess> {
  const file = join(folder, 'nats.conf');
  await writeFile(
    file,
    `listen: "127.0.0.1:${port}"\n${config.replaceAll('$STORE', join(folder, 'store'))}\n`,
  );
  const child = spawn(binary, ['--config', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  await until(
    () => {
      if (child.exitCode !== null) throw new FactoryError('server-fault', said, false);
      return answers(port);
    },
    { what: 'the broker answers', timeoutMs: 10_000, everyMs: 50 },
  );
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true));
    socket.once('error', end(false));
  });
}
