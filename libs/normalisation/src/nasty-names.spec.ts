import { compareBytes, type Column } from '@factory/domain';
import { NASTY_NAMES } from '@factory/testing';
import fc from 'fast-check';
import { applyTransform } from './apply-transform';
import { fitTransform } from './fit-transform';
import { invertVector } from './invert-vector';
import { allRows, categories, numbers } from './spec-columns';
import { transformRow } from './transform-row';
import { parseTransform } from './transform';

const names = NASTY_NAMES.map(({ name }) => name);
const ROWS = 120;
const times = <T>(make: (row: number) => T): T[] => Array.from({ length: ROWS }, (_, row) => make(row));
/** One column per name: its values distinguish it from every other, some are unknown. */
const asNumbers = (some: readonly string[]): Column[] =>
  some.map((name, at) =>
    numbers(
      name,
      times((row) => (row % 10 === 9 ? null : ((row * (at + 7)) % 113) + at / 100)),
    ),
  );
const fit = (columns: readonly Column[], maxFeatures?: number) =>
  parseTransform(
    JSON.parse(JSON.stringify(fitTransform(columns, allRows(columns), maxFeatures ? { maxFeatures } : {}))),
  );

describe('nasty names of columns', () => {
  it('each give outputs with a unique name, the same every time', () => {
    const { outputs } = fit(asNumbers(names));
    expect(outputs).toHaveLength(2 * names.length);
    expect(new Set(outputs).size).toBe(outputs.length);
    for (const name of names) expect(outputs).toContain(name);
    expect(fit(asNumbers(names)).outputs).toEqual(outputs);
  });

  it.each(NASTY_NAMES)('$name is read as its own value, absent as unknown, and restored', ({ name }) => {
    const columns = asNumbers(['plain', name]);
    const transform = fit(columns);
    const at = transform.outputs.indexOf(name);
    const { mean, deviation } = transform.features[1] as { mean: number; deviation: number };
    const row = Object.fromEntries([['plain', 1] as const, [name, 50] as const]);
    const vector = transformRow(transform, row);
    expect(vector[at]).toBeCloseTo((50 - mean) / deviation, 5);
    expect(invertVector(transform, vector)).toEqual(
      Object.fromEntries([
        ['plain', expect.closeTo(1, 3)],
        [name, expect.closeTo(50, 3)],
      ]),
    );
    const found: string[] = [];
    const without = transformRow(transform, { plain: 1 }, (column, finding) =>
      found.push(`${column} ${finding}`),
    );
    expect(found).toEqual([`${name} unknown`]);
    expect(without[transform.outputs.indexOf(`${name}__missing`)]).toBe(1);
  });

  it.each(NASTY_NAMES)('$name is counted by its name when it contains text', ({ name }) => {
    const columns = asNumbers(['plain', name]);
    const asText = categories(name, ['x', 'y', '3']);
    const { unseen } = applyTransform(fit(columns), [asText], allRows([asText]));
    expect(Object.entries(unseen)).toEqual([[name, 2]]);
  });
});

describe('nasty names of levels', () => {
  const transform = fit([
    categories(
      'word',
      times((row) => names[row % 40]!),
    ),
    categories(
      'rest',
      times((row) => names[40 + (row % (names.length - 40))]!),
    ),
  ]);

  it.each(NASTY_NAMES.map(({ name }, at) => [name, at < 40 ? 'word' : 'rest'] as const))(
    '%s has its own output',
    (level, column) => {
      const found: string[] = [];
      const vector = transformRow(
        transform,
        { word: names[0], rest: names[40], [column]: level },
        (odd) => void found.push(odd),
      );
      expect(vector[transform.outputs.indexOf(`${column}=${level}`)]).toBe(1);
      expect(found).toEqual([]);
      expect(vector.reduce((sum, one) => sum + one, 0)).toBe(2);
    },
  );

  it('does not treat a name of Object.prototype as a level that training saw', () => {
    const small = fit([
      categories(
        'word',
        times((row) => 'abc'[row % 3]!),
      ),
    ]);
    for (const level of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const found: string[] = [];
      const vector = transformRow(small, { word: level }, (_, finding) => void found.push(finding));
      expect([...vector]).toEqual([0, 0, 0]);
      expect(found).toEqual(['unseen']);
    }
  });
});

describe('outputs with equal names', () => {
  const halves = (name: string, on: (row: number) => boolean): Column =>
    categories(
      name,
      times((row) => (on(row) ? 'b=c' : 'd')),
    );

  it('x3 with unknown values next to a column called x3__missing', () => {
    const x3 = asNumbers(['x3'])[0]!;
    const beside = numbers(
      'x3__missing',
      times((row) => row % 7),
    );
    const { outputs } = fit([x3, beside]);
    expect(outputs).toEqual(['x3', 'x3__missing#2', 'x3__missing']);
    // In the other order as well: a column keeps its name.
    expect(fit([beside, x3]).outputs).toEqual(['x3__missing', 'x3', 'x3__missing#2']);
  });

  it('a=b as a column next to a level b of a, and the equal sign in either', () => {
    const level = halves('a', (row) => row % 2 === 0);
    const column = categories(
      'a=b',
      times((row) => (row % 3 ? 'c' : 'd')),
    );
    const number = numbers(
      'a=d',
      times((row) => row % 11),
    );
    const { outputs } = fit([level, column, number]);
    expect([...outputs].sort(compareBytes)).toEqual(['a=b=c', 'a=b=c#2', 'a=b=d', 'a=d', 'a=d#2']);
  });

  it('what a limit drops is named as what it would have been', () => {
    const { outputs, dropped } = fit([...asNumbers(['x3', 'x3__missing'])], 2);
    const named = [...outputs, ...dropped.flatMap(({ output }) => output ?? [])];
    expect([...named].sort(compareBytes)).toEqual([
      'x3',
      'x3__missing',
      'x3__missing#2',
      'x3__missing__missing',
    ]);
  });

  it('never occur, whatever columns and levels are called', () => {
    const word = fc.constantFrom(
      'a',
      'a=',
      'a=b',
      'b',
      'a__missing',
      'a__missing#2',
      '__missing',
      'a__other',
      '#2',
      '',
    );
    const column = fc.record({ name: word, levels: fc.uniqueArray(word, { minLength: 2, maxLength: 4 }) });
    fc.assert(
      fc.property(fc.uniqueArray(column, { selector: ({ name }) => name, minLength: 1 }), (drawn) => {
        const columns = drawn.map(({ name, levels }, at) =>
          at % 2 === 0
            ? asNumbers(drawn.map((one) => one.name))[at]!
            : categories(
                name,
                times((row) => (row % 9 === at % 9 ? null : levels[(row * (at + 1)) % levels.length]!)),
              ),
        );
        const { outputs, features } = fit(columns);
        expect(new Set(outputs).size).toBe(outputs.length);
        for (const { kind, column } of features) if (kind === 'number') expect(outputs).toContain(column);
      }),
    );
  });
});
