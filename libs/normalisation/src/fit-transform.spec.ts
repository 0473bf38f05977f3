import { RunSkippedError, type Column } from '@factory/domain';
import fc from 'fast-check';
import { fitTransform } from './fit-transform';
import { allRows, categories, numbers } from './spec-columns';
import { parseTransform, transformSchema } from './transform';

const N = 400;
const times = <T>(make: (row: number) => T, length = N): T[] => Array.from({ length }, (_, row) => make(row));
const signal = numbers(
  'signal',
  times((row) => row % 97),
);

function reasonsOf(...columns: Column[]): Record<string, string> {
  const { dropped } = fitTransform([signal, ...columns], allRows([signal]));
  return Object.fromEntries(dropped.map(({ column, reason }) => [column, reason]));
}

describe('columns that are dropped, each with a reason', () => {
  it('drops what is constant', () => {
    expect(
      reasonsOf(
        numbers(
          'one',
          times(() => 1),
        ),
        categories(
          'same',
          times(() => 'x'),
        ),
      ),
    ).toEqual({
      one: 'constant',
      same: 'constant',
    });
  });

  it('drops what is more than 99.5 % missing or zero, and keeps what is exactly 99.5 %', () => {
    const columns = [
      numbers(
        'missing',
        times((row) => (row < 1 ? 5 : null)),
      ),
      numbers(
        'zero',
        times((row) => (row < 1 ? 5 : 0)),
      ),
      numbers(
        'both',
        times((row) => (row < 1 ? 5 : row < 200 ? 0 : null)),
      ),
      categories(
        'rare',
        times((row) => (row < 1 ? 'x' : null)),
      ),
      numbers(
        'exactly',
        times((row) => (row < 2 ? row + 5 : 0)),
      ),
      categories(
        'empty',
        times(() => null),
      ),
    ];
    expect(reasonsOf(...columns)).toEqual({
      missing: 'missing-or-zero',
      zero: 'missing-or-zero',
      both: 'missing-or-zero',
      rare: 'missing-or-zero',
      empty: 'missing-or-zero',
    });
  });

  it('drops the later of two identical columns and names the first', () => {
    const { dropped } = fitTransform(
      [
        signal,
        numbers(
          'copy',
          times((row) => row % 97),
        ),
        numbers(
          'gaps',
          times((row) => (row % 3 ? row : null)),
        ),
        numbers(
          'gapsAgain',
          times((row) => (row % 3 ? row : null)),
        ),
        numbers(
          'almost',
          times((row) => (row === N - 1 ? 0 : row % 97)),
        ),
        categories(
          'colour',
          times((row) => (row % 2 ? 'red' : 'blue')),
        ),
        categories(
          'colourAgain',
          times((row) => (row % 2 ? 'red' : 'blue')),
        ),
        categories(
          'otherWords',
          times((row) => (row % 2 ? 'rot' : 'blau')),
        ),
      ],
      allRows([signal]),
    );
    expect(dropped).toEqual([
      { column: 'copy', reason: 'identical', sameAs: 'signal' },
      { column: 'gapsAgain', reason: 'identical', sameAs: 'gaps' },
      { column: 'colourAgain', reason: 'identical', sameAs: 'colour' },
    ]);
  });

  it('calls columns identical by their TRAIN rows only', () => {
    const rows = allRows([signal]).subarray(0, N - 1);
    const almost = numbers(
      'almost',
      times((row) => (row === N - 1 ? 0 : row % 97)),
    );
    expect(fitTransform([signal, almost], rows).dropped).toEqual([
      { column: 'almost', reason: 'identical', sameAs: 'signal' },
    ]);
  });

  it('drops text that identifies the row, and keeps text with many repeated levels', () => {
    expect(
      reasonsOf(
        categories(
          'uuid',
          times((row) => `id-${row}`),
        ),
        categories(
          'page',
          times((row) => `page-${row % 100}`),
        ),
      ),
    ).toEqual({ uuid: 'id-like' });
  });

  it('drops what is excluded by declaration', () => {
    const { dropped, outputs } = fitTransform(
      [
        signal,
        numbers(
          'leak',
          times((row) => row),
        ),
      ],
      allRows([signal]),
      {
        exclude: ['leak'],
      },
    );
    expect(dropped).toEqual([{ column: 'leak', reason: 'excluded' }]);
    expect(outputs).toEqual(['signal']);
  });

  it('skips the run when nothing is left, or there is no TRAIN row', () => {
    const constant = numbers(
      'one',
      times(() => 1),
    );
    const fit = () => fitTransform([constant], allRows([constant]));
    expect(fit).toThrow(RunSkippedError);
    expect(fit).toThrow(/nothing to learn/);
    expect(() => fitTransform([signal], new Uint32Array())).toThrow(/no row is marked train/);
  });
});

describe('at most maxFeatures outputs', () => {
  it('keeps those of largest variance after maxabs scaling', () => {
    const columns = [
      numbers(
        'wide',
        times((row) => (row % 2 ? 1000 : -1000)),
      ),
      numbers(
        'narrow',
        times((row) => 1000 + (row % 2)),
      ),
      numbers(
        'middle',
        times((row) => row),
      ),
    ];
    const { outputs, dropped } = fitTransform(columns, allRows(columns), { maxFeatures: 2 });
    expect(outputs).toEqual(['wide', 'middle']);
    expect(dropped).toEqual([{ column: 'narrow', reason: 'low-variance' }]);
  });

  it('moves a level without output to the rest, so that it still counts as seen', () => {
    const level = (row: number) => (row % 2 ? 'odd' : row % 20 ? 'even' : 'round');
    const columns = [categories('kind', times(level))];
    const transform = fitTransform(columns, allRows(columns), { maxFeatures: 2 });
    expect(transform.features).toEqual([
      {
        kind: 'category',
        column: 'kind',
        training: { unknown: 0, singleLevels: 0 },
        levels: ['odd', 'even'],
        rest: ['round'],
        other: false,
        indicator: false,
      },
    ]);
    expect(transform.dropped).toEqual([{ column: 'kind', output: 'kind=round', reason: 'low-variance' }]);
  });

  it('keeps the indicator of a number whose value is dropped', () => {
    const columns = [
      numbers(
        'seldom',
        times((row) => (row % 2 ? 100 + (row % 3) : null)),
      ),
    ];
    const { features } = fitTransform(columns, allRows(columns), { maxFeatures: 1 });
    expect(features).toEqual([
      { kind: 'presence', column: 'seldom', training: { unknown: 200 }, known: 101 },
    ]);
  });
});

describe('scaling', () => {
  it('falls back to all values when more than 75 % zeros make the trimmed deviation 0', () => {
    const columns = [
      numbers(
        'visits',
        times((row) => (row % 5 ? 0 : row)),
      ),
    ];
    const [feature] = fitTransform(columns, allRows(columns)).features;
    const values = times((row) => (row % 5 ? 0 : row));
    const mean = values.reduce((sum, value) => sum + value, 0) / N;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    if (feature?.kind !== 'number') throw new Error('not a number');
    expect(feature).toMatchObject({ trim: 'none', mean, clip: 10 });
    expect(feature.deviation).toBeCloseTo(Math.sqrt(squares / (N - 1)), 10);
  });

  it('leaves values outside the fence out of mean and deviation', () => {
    const columns = [numbers('spend', [1, 2, 3, 4, 5, 6, 7, 8, 9, 1000])];
    const [feature] = fitTransform(columns, allRows(columns)).features;
    expect(feature).toMatchObject({ trim: 'iqr', mean: 5 });
  });

  it('makes an indicator above .5 % unknown, and none at exactly .5 %', () => {
    const columns = [
      numbers(
        'above',
        times((row) => (row < 3 ? null : row)),
      ),
      numbers(
        'at',
        times((row) => (row < 2 ? null : row + 1)),
      ),
    ];
    expect(fitTransform(columns, allRows(columns)).outputs).toEqual(['above', 'above__missing', 'at']);
  });

  it('keeps the presence of a value that is always the same', () => {
    const columns = [
      numbers(
        'flag',
        times((row) => (row % 2 ? 1 : null)),
      ),
    ];
    expect(fitTransform(columns, allRows(columns)).features).toEqual([
      { kind: 'presence', column: 'flag', training: { unknown: 200 }, known: 1 },
    ]);
  });

  it('does not scale or clip if configured', () => {
    expect(fitTransform([signal], allRows([signal]), { scaler: 'none' }).features).toEqual([
      expect.objectContaining({ mean: 0, deviation: 1, clip: null, trim: 'none' }),
    ]);
  });
});

describe('transform.json', () => {
  it('survives JSON unchanged, for any columns', () => {
    const value = fc.option(fc.float({ noDefaultInfinity: true, noNaN: true }), { nil: null });
    const word = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: null });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, word), { minLength: 5, maxLength: 60 }),
        fc.constantFrom('standard' as const, 'maxabs' as const, 'none' as const),
        (rows, scaler) => {
          const columns = [
            numbers(
              'n',
              rows.map(([number]) => number),
            ),
            categories(
              'c',
              rows.map(([, level]) => level),
            ),
            numbers(
              'steady',
              rows.map((_, row) => row),
            ),
          ];
          const transform = fitTransform(columns, allRows(columns), { scaler });
          expect(parseTransform(JSON.parse(JSON.stringify(transform)))).toEqual(transform);
        },
      ),
      // A median of -0 used to change in JSON.
      { examples: [[[-0, 0, -0, 0, -0, -0, 1e-45].map((one): [number, null] => [one, null]), 'standard']] },
    );
  });

  it('is refused when it follows another schema version', () => {
    const transform = fitTransform([signal], allRows([signal]));
    expect(() => parseTransform({ ...transform, schemaVersion: 2 })).toThrow(
      /transform.json.schemaVersion = 2: read it with the release that wrote it/,
    );
    expect(() => parseTransform({ ...transform, features: [] })).toThrow(/transform.json.features/);
    expect(transformSchema.safeParse(transform).success).toBe(true);
  });
});
