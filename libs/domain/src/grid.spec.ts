import { GRID_NAMES, checkGridName, expandGrid, parameterCount, type Combination } from './grid';

const textOf = ({
  node1,
  node2,
  dropout1,
  dropout2,
  optimizer,
  learningRate,
  batchSize,
}: Combination): string => [node1, node2, dropout1, dropout2, optimizer, learningRate, batchSize].join(' ');

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

  it('full holds the reference: 64, 32, .5, .5, adam, .1, 32, 50', () => {
    const reference = expandGrid('full').filter(
      (one) => textOf(one) === '64 32 0.5 0.5 adam 0.001 32' && one.lrAnnealing === 0.1 && one.epochs === 50,
    );
    expect(reference).toHaveLength(1);
  });

  it('quick lies in standard, and standard in full: a larger grid leaves nothing out', () => {
    const [quick, standard, full] = GRID_NAMES.map((name) => new Set(expandGrid(name).map(textOf)));
    expect([...quick!].filter((one) => !standard!.has(one))).toEqual([]);
    expect([...standard!].filter((one) => !full!.has(one))).toEqual([]);
  });

  it('crosses every axis with every other: each pair of values comes equally often', () => {
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
        for (const one of grid) {
          const pair = `${one[first]} ${one[second]}`;
          counts.set(pair, (counts.get(pair) ?? 0) + 1);
        }
        expect({ first, second, different: new Set(counts.values()).size }).toMatchObject({ different: 1 });
      }
  });

  it('trains every trial for as many epochs as are asked, 50 otherwise', () => {
    expect(new Set(expandGrid('standard').map(({ epochs }) => epochs))).toEqual(new Set([50]));
    expect(new Set(expandGrid('standard', 3).map(({ epochs }) => epochs))).toEqual(new Set([3]));
  });

  it('numbers the same combination alike each time', () => {
    expect(expandGrid('full')).toEqual(expandGrid('full'));
    expect(expandGrid('quick')).toMatchObject([
      { trial: 1, node1: 64, node2: 32, dropout1: 0.2, dropout2: 0.2 },
      { trial: 2, node1: 64, node2: 32, dropout1: 0.5, dropout2: 0.5 },
      { trial: 3, node1: 32, node2: 16, dropout1: 0.2, dropout2: 0.2 },
      { trial: 4, node1: 32, node2: 16, dropout1: 0.5, dropout2: 0.5 },
    ]);
  });
});

describe('the name of a grid', () => {
  it.each(GRID_NAMES)('is taken as it is: %s', (name) => expect(checkGridName(name)).toBe(name));

  it.each(['huge', 'Quick', '', 4, null, ['quick']])('is refused if there is none such: %j', (value) => {
    expect(() => checkGridName(value, 'policy.grid')).toThrow(
      expect.objectContaining({
        code: 'unknown-grid',
        refusal: { field: 'policy.grid', value, todo: 'use one of quick, standard, full' },
      }) as Error,
    );
  });
});

describe('the parameters of a network', () => {
  it.each([
    // By hand: 10 * 64 + 64, 64 * 32 + 32, 32 + 1; and so on.
    [10, 64, 32, 704 + 2080 + 33],
    [1, 1, 1, 2 + 2 + 2],
    [400, 128, 64, 51_328 + 8_256 + 65],
  ])('are weights and biases of three layers: %i features, %i, %i', (features, node1, node2, count) => {
    expect(parameterCount(features, { node1, node2 })).toBe(count);
  });
});
