import { repositoryRoot, freshServers } from '@factory/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { specCli } from '../spec-kit/spec-cli';
import { SpecFactory } from '../spec-kit/spec-factory';

describe('factory provision', () => {
  let factory: SpecFactory;

  beforeAll(async () => {
    factory = await SpecFactory.open();
  }, 120_000);

  afterAll(() => factory?.close(), 60_000);

  it('creates everything once; a second run changes nothing', async () => {
    const again = await factory.cli.json<{ kind: string; name: string; result: string }[]>('provision');
    expect(new Set(again.map((step) => step.result))).toEqual(new Set(['unchanged']));
    const names = again.map((step) => step.name);
    expect(names).toEqual(
      expect.arrayContaining(['FACTORY', 'FACTORY_REQUESTS', 'FACTORY_DEAD', 'FACTORY/trainer-default']),
    );
  });

  it('creates a missing database, and a queue for every named pool', async () => {
    const url = new URL(factory.env['FACTORY_DATABASE_URL']!);
    const name = `${url.pathname.slice(1)}_b`;
    url.pathname = `/${name}`;
    const other = factory.cliWith({ FACTORY_DATABASE_URL: url.href, TRAINER_POOLS: 'gpu, default' });
    const steps = await other.json<{ kind: string; name: string; result: string }[]>('provision');
    try {
      expect(steps).toContainEqual({ kind: 'database', name, result: 'created' });
      expect(steps).toContainEqual({ kind: 'consumer', name: 'FACTORY/trainer-gpu', result: 'created' });
    } finally {
      await factory.ledger.query(`DROP DATABASE \`${name}\``);
    }
  });

  it('is safe when six start at once on empty servers, one of them killed', async () => {
    const servers = await freshServers();
    try {
      const starts = Array.from({ length: 6 }, () => startProvision(servers.env));
      await new Promise((resolve) => setTimeout(resolve, 900));
      starts[0]?.child.kill('SIGKILL');
      const ends = await Promise.all(starts.map(({ ended }) => ended));
      expect(ends.slice(1)).toEqual(Array.from({ length: 5 }, () => ({ code: 0, stderr: '' })));
      expect(await startProvision(servers.env).ended).toEqual({ code: 0, stderr: '' });
    } finally {
      await servers.dispose();
    }
  }, 120_000);

  it('reports all faults together', async () => {
    const { code, stderr } = await factory
      .cliWith({ S3_BUCKET: 'no-such-bucket-of-ours', NATS_URL: 'nats://127.0.0.1:1' })
      .run('provision');
    expect(code).not.toBe(0);
    expect(stderr).toMatch(
      /broker cannot be reached[\s\S]*S3_BUCKET|S3_BUCKET[\s\S]*broker cannot be reached/,
    );
    const faulty = await specCli({ NATS_URL: 'http://x', S3_BUCKET: 'b' }).run('provision');
    expect(faulty).toMatchObject({ code: 2, stdout: '' });
    expect(faulty.stderr).toMatch(/NATS_URL[\s\S]*FACTORY_DATABASE_URL[\s\S]*S3_ACCESS_KEY_ID/);
  });
});

/** `factory provision` as a process of its own, from its bundle. */
function startProvision(env: Readonly<Record<string, string>>): {
  child: ChildProcess;
  ended: Promise<{ code: number | null; stderr: string }>;
} {
  const main = join(repositoryRoot(), 'dist', 'apps', 'cli', 'main.cjs');
  const child = spawn(process.execPath, [main, 'provision'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stderr })),
  );
  return { child, ended };
}
