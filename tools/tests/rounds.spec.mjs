import { run } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';
import { roundsOf } from './rounds.mjs';

const choice = { unit: false, all: false, ci: false };
/** @param {readonly import('./rounds.mjs').Round[]} rounds */
const kindsOf = (rounds) => rounds.map(({ phases }) => phases.map(({ kind }) => kind));

describe('what npm test runs', () => {
  it('is every kind of spec but the slow ones', () => {
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

  it('is repeated as in production with --ci, without the pure specs', () => {
    const [first, second] = roundsOf({ ...choice, ci: true });
    expect(first).toMatchObject({ servers: true });
    expect(second).toMatchObject({ node: '24', database: 'mysql', servers: true });
    expect(second?.phases.map(({ kind }) => kind)).toEqual(['int-spec', 'e2e-spec']);
  });

  it.each([
    [{ unit: true, all: true }, /--unit leaves out/],
    [{ unit: true, ci: true }, /--unit leaves out/],
    [{ ci: true, node: '24' }, /--ci says itself/],
    [{ node: 'newest' }, /--node newest: say a version/],
    [{ database: 'oracle' }, /no database oracle/],
  ])('is refused for %j', (contradiction, message) => {
    expect(() => roundsOf({ ...choice, ...contradiction })).toThrow(message);
  });
});

describe('the command', () => {
  /** @param {string[]} args */
  const npmTest = (...args) => run(process.execPath, ['tools/test.mjs', ...args], { cwd: root, quiet: true });

  it('explains itself and runs nothing', async () => {
    const { code, output } = await npmTest('--help');
    expect(code).toBe(0);
    expect(output).toMatch(/^npm test \[-- options/);
    expect(output).not.toMatch(/\d+ passed/);
  });

  it('ends with 1 when it is asked for what contradicts itself', async () => {
    const { code, output } = await npmTest('--unit', '--all');
    expect(code).toBe(1);
    expect(output).toContain('--unit leaves out');
  });
});
