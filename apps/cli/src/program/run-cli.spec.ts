import type { Command } from 'commander';
import { Output } from '../rendering/output';
import { buildProgram } from './run-cli';
import { Servers } from '../servers/servers';
import { specCli } from '../spec-kit/spec-cli';

const silent = { write: () => true };
const program = buildProgram({
  out: new Output(silent, silent),
  servers: new Servers({}),
  signal: new AbortController().signal,
  now: () => new Date(),
  osUser: 'ann',
});

/** Every command with an action: `factory runs` as well as `factory runs show`. */
function leaves(command: Command, path: readonly string[] = []): (readonly [string, Command])[] {
  return command.commands.flatMap((one) => {
    const words = [...path, one.name()];
    const below = leaves(one, words);
    const isGroup = below.length > 0 && one.options.length === 0;
    return isGroup ? below : [[words.join(' '), one] as const, ...below];
  });
}

describe.each(leaves(program))('factory %s', (path, command) => {
  it('prints help with examples for --help, and exits with 0', async () => {
    const { code, stdout, stderr } = await specCli({}).run(...path.split(' '), '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: factory ${path}`);
    expect(command.description()).not.toBe('');
    expect(stdout).toMatch(new RegExp(`Examples:\\n(.*\\n)*? .*factory ${path}`));
  });

  it('prints JSON when asked to', () => {
    expect(command.options.map((option) => option.long)).toContain('--json');
  });
});

describe('factory', () => {
  it.each([
    [[]],
    [['no-such']],
    [['runs', 'no-such']],
    [['retrain', '--no-such']],
    [['rollback', '--product', '7']],
  ])('exits with 2 and writes nothing to stdout on wrong usage: %p', async (args) => {
    const { code, stdout, stderr } = await specCli({}).run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).not.toBe('');
  });

  it('names every missing variable of a command, without a stack trace', async () => {
    const { code, stderr } = await specCli({}).run('cancel', '1234');
    expect(code).toBe(2);
    expect(stderr).toMatch(/FACTORY_DATABASE_URL = null[\s\S]*NATS_URL = null/);
    expect(stderr).not.toContain('    at ');
  });

  it('never shows a password', async () => {
    const { stderr } = await specCli({ FACTORY_DATABASE_URL: 'mysql://u:s3cret@127.0.0.1:1/d' }).run(
      'models',
    );
    expect(stderr).toContain('(database-away)');
    expect(stderr).not.toContain('s3cret');
  });
});
