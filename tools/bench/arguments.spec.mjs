import { helpText, understand } from './arguments.mjs';

/** @import { Bench } from './bench.mjs' */

/** @type {Record<string, Bench>} */
const BENCHES = {
  speed: {
    summary: 'how fast',
    options: { rounds: { type: 'string', default: '3' }, quiet: { type: 'boolean', default: false } },
    help: '  --rounds N   how often',
    prepare(options) {
      const rounds = options.count('rounds');
      return () => Promise.resolve({ rows: [{ rounds, quiet: options.flag('quiet') }], faults: [] });
    },
  },
  size: {
    summary: 'how large',
    options: { rounds: { type: 'string', default: '7' }, grid: { type: 'string', default: 'quick' } },
    prepare(options) {
      const [rounds, grid] = [options.count('rounds', 9), options.oneOf('grid', ['quick', 'full'])];
      return () => Promise.resolve({ rows: [{ rounds, grid }], faults: [] });
    },
  },
};

/** @param {string[]} args */
const understood = (...args) => understand(args, BENCHES);

/** @param {string[]} args */
async function rowsOf(...args) {
  const one = understood(...args);
  if (one.wanted !== 'bench') throw new Error(`${one.wanted}`);
  const { rows } = await one.measure({ say: () => {}, dataFolder: '', openServers: () => Promise.reject() });
  return rows;
}

/** @param {string[]} args */
function faultsOf(...args) {
  const one = understood(...args);
  return one.wanted === 'refusal' ? one.faults : [];
}

describe('the arguments of a benchmark', () => {
  it('have the defaults of that benchmark', async () => {
    expect(await rowsOf('speed')).toEqual([{ rounds: 3, quiet: false }]);
    expect(await rowsOf('size')).toEqual([{ rounds: 7, grid: 'quick' }]);
  });

  it('are read', async () => {
    expect(await rowsOf('speed', '--rounds', '12', '--quiet')).toEqual([{ rounds: 12, quiet: true }]);
    expect(understood('size', '--json', 'a.json', '--data', '/data')).toMatchObject({
      name: 'size',
      json: 'a.json',
      data: '/data',
    });
  });

  it('are rejected with a message each, all at once', () => {
    expect(faultsOf('size', 'speed', '--rounds', '10', '--grid', 'tiny', '--quiet')).toEqual([
      'Give one name.',
      'size has no option --quiet.',
      '--rounds 10: give a whole number from 1 to 9.',
      '--grid tiny: give one of quick, full.',
    ]);
    expect(faultsOf('speed', '--rounds', '1.5')).toEqual([
      '--rounds 1.5: give a whole number of at least 1.',
    ]);
  });

  it('must name an existing benchmark', () => {
    expect(faultsOf('weight')).toEqual(['There is no benchmark weight.']);
    expect(faultsOf('toString')).toEqual(['There is no benchmark toString.']);
    expect(faultsOf()).toEqual(['Give the name of a benchmark.']);
    expect(faultsOf('speed', '--wrong')).toHaveLength(1);
  });

  it('can request help, which lists every benchmark', () => {
    expect(understood('speed', '--help')).toEqual({ wanted: 'help' });
    expect(helpText(BENCHES)).toContain('speed      how fast\n  size       how large');
    expect(helpText(BENCHES)).toContain('speed:\n  --rounds N   how often');
  });
});
