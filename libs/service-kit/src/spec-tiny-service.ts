import { until } from '@factory/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

/** The tiny service as a process. */
export interface TinyService {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  /** Lines of its log, parsed. */
  lines(): Record<string, unknown>[];
  /** The first line with a message. */
  line(message: string): Record<string, unknown> | undefined;
  /** All its output. */
  text(): string;
}

const children = new Set<() => void>();

export function startTiny(env: Readonly<Record<string, string>>): TinyService {
  const fixtures = join(__dirname, 'fixtures');
  const child = spawn(
    process.execPath,
    ['--require', join(fixtures, 'register-typescript.cjs'), join(fixtures, 'tiny-service.ts')],
    { env: { PATH: process.env['PATH'], ...env } },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const kill = (): void => void child.kill('SIGKILL');
  children.add(kill);
  void ended.then(() => children.delete(kill));
  const lines = () =>
    output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    child,
    ended,
    lines,
    line: (message) => lines().find(({ msg }) => msg === message),
    text: () => output,
  };
}

/** For `afterEach`. */
export function killTinyServices(): void {
  for (const kill of children) kill();
}

/** Waits until it listens. @returns its address */
export async function listening(service: TinyService): Promise<string> {
  const found = await until(() => service.line('listening') ?? fail(service.text()), {
    what: 'the service listens',
    timeoutMs: 30_000,
  });
  return `http://127.0.0.1:${String(found['port'])}`;
}

function fail(text: string): never {
  throw new TypeError(text.slice(-2_000));
}
