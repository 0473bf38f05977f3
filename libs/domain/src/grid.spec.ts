import { GRID_NAMES, checkGridName, expandGrid } from './grid';
import { mostSteps, type TrialSettings } from './trial';

const textOf = ({ settings }: TrialSettings): string => {
  const { node1, node2, dropout1, dropout2, optimizer, learningRate, batchSize } = settings;
  return [node1, node2, dropout1, dropout2, optimizer, learningRate, batchSize].join(' ');
};

describe('a grid', () => {
  it.each([
    ['quick', 4],
    ['standard', 24],
    ['full', 288],
  ] as const)('%s has %i trials, numbered from 1, no combination twice', (name, trials) => {
    const grid = expandGrid(name);
    expect(grid.map(({ trial }) => trial)).toEqual(Array.from({ length: trials }, (_, index) => index + 1));
    expect(new Set(grid.map(textOf)).size).toBe(trials);
  });

  it('full contains the reference: 64, 32, .5, .5, adam, .1, 32, 50', () => {
    const reference = expandGrid('full').filter(
      (one) =>
        textOf(one) === '64 32 0.5 0.5 adam 0.001 32' &&
        one.settings.lrAnnealing === 0.1 &&
        one.settings.epochs === 50,
    );
    expect(reference).toHaveLength(1);
  });

  it('quick is in standard, and standard in full: a larger grid leaves nothing out', () => {
    const [quick, standard, full] = GRID_NAMES.map((name) => new Set(expandGrid(name).map(textOf)));
    expect([...quick!].filter((one) => !standard!.has(one))).toEqual([]);
    expect([...standard!].filter((one) => !full!.has(one))).toEqual([]);
  });

  it('crosses every axis with every other: each pair of values occurs equally often', () => {
    const grid = expandGrid('full');
    const axes = [
      'node1',
      'node2',
      'dropout1',
      'dropout2',
      'optimizer',
      'learningRate',
      'batchSize',
    ] as const;
    for (const [place, first] of axes.entries())
      for (const second of axes.slice(place + 1)) {
        const counts = new Map<string, number>();
        for (const { settings: one } of grid) {
          const pair = `${one[first]} ${one[second]}`;
          counts.set(pair, (counts.get(pair) ?? 0) + 1);
        }
        expect({ first, second, different: new Set(counts.values()).size }).toMatchObject({ different: 1 });
      }
  });

  it('trains every trial for the requested number of epochs, 50 by default', () => {
    expect(new Set(expandGrid('standard').map(mostSteps))).toEqual(new Set([50]));
    expect(new Set(expandGrid('standard', 3).map(mostSteps))).toEqual(new Set([3]));
  });

  it('gives a combination the same number each time', () => {
    expect(expandGrid('full')).toEqual(expandGrid('full'));
    expect(expandGrid('quick')).toMatchObject([
      { trial: 1, family: 'network', settings: { node1: 64, node2: 32, dropout1: 0.2, dropout2: 0.2 } },
      { trial: 2, family: 'network', settings: { node1: 64, node2: 32, dropout1: 0.5, dropout2: 0.5 } },
      { trial: 3, family: 'network', settings: { node1: 32, node2: 16, dropout1: 0.2, dropout2: 0.2 } },
      { trial: 4, family: 'network', settings: { node1: 32, node2: 16, dropout1: 0.5, dropout2: 0.5 } },
    ]);
  });
});

describe('the name of a grid', () => {
  it.each(GRID_NAMES)('is accepted: %s', (name) => expect(checkGridName(name)).toBe(name));

  it.each(['huge', 'Quick', '', 4, null, ['quick']])('is refused if unknown: %j', (value) => {
    expect(() => checkGridName(value, 'policy.grid')).toThrow(
      expect.objectContaining({
        code: 'unknown-grid',
        refusal: { field: 'policy.grid', value, todo: 'use one of quick, standard, full' },
      }) as Error,
    );
  });
});
