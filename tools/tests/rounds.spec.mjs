import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';
import { roundsOf } from './rounds.mjs';

const choice = { unit: false, all: false, ci: false };
/** @param {readonly import('./rounds.mjs').Round[]} rounds */
const kindsOf = (rounds) => rounds.map(({ phases }) => phases.map(({ kind }) => kind));

describe('what npm test runs', () => {
  it('includes every kind of spec except the slow ones', () => {
    expect(kindsOf(roundsOf(choice))).toEqual([['spec', 'int-spec', 'e2e-spec']]);
    expect(kindsOf(roundsOf({ ...choice, all: true }))).toEqual([
      ['spec', 'int-spec', 'e2e-spec', 'slow-spec'],
    ]);
  });

  it('needs no server with --unit', () => {
    expect(roundsOf({ ...choice, unit: true })).toMatchObject([
      { servers: false, phases: [{ kind: 'spec' }] },
    ]);
  });

  it('includes, with --ci, specs with a server on both Nodes and databases, and the rest of the chain as in production', () => {
    const rounds = roundsOf({ ...choice, ci: true });
    expect(kindsOf(rounds)).toEqual([
      ['spec', 'int-spec', 'e2e-spec'],
      ['int-spec', 'e2e-spec'],
    ]);
    const [first, second] = rounds;
    expect([first?.node, first?.database]).toEqual([undefined, undefined]);
    expect(second).toMatchObject({ node: '24', database: 'mysql', servers: true });
    expect(second?.phases.map(({ only }) => only)).toEqual([undefined, undefined]);
  });

  it('contains the spec of the chain that a round runs alone', () => {
    const [first] = roundsOf({ ...choice, ci: true });
    const only = new RegExp(first?.phases.at(-1)?.only ?? '^$');
    const specs = readdirSync(join(root, 'e2e', 'src')).map((name) => `e2e/src/${name}`);
    expect(specs.filter((path) => only.test(path))).toEqual(['e2e/src/chain.e2e-spec.ts']);
  });

  it.each([
    [{ unit: true, all: true }, /--unit excludes/],
    [{ unit: true, ci: true }, /--unit excludes/],
    [{ ci: true, node: '24' }, /--ci determines/],
    [{ node: 'newest' }, /--node newest: give a version/],
    [{ database: 'oracle' }, /no database oracle/],
  ])('is refused for %j', (contradiction, message) => {
    expect(() => roundsOf({ ...choice, ...contradiction })).toThrow(message);
  });
});

describe('the command', () => {
  /** @param {string[]} args */
  const npmTest = (...args) => run(process.execPath, ['tools/test.mjs', ...args], { cwd: root, quiet: true });

  it('is explained by --help, which runs nothing', async () => {
    const { code, output } = await npmTest('--help');
    expect(code).toBe(0);
    expect(output).toMatch(/^npm test \[-- options/);
    expect(output).not.toMatch(/\d+ passed/);
  });

  it('exits with 1 if the options are contradictory', async () => {
    const { code, output } = await npmTest('--unit', '--all');
    expect(code).toBe(1);
    expect(output).toContain('--unit excludes');
  });
});
