import { type Column, type RawRow } from '@factory/domain';
import { fitTransform, parseTransform, type Transform } from '@factory/normalisation';
import fc from 'fast-check';
import { isFarAbove } from './fit-rule';
import { matchColumns } from './match-columns';
import { FitCounts, UnfitRowsError, checkRowFit, type FitOptions } from './row-fit';
import { Scorer } from './scorer';
import { NetworkModel } from './network/network-model';
import { randomNetwork } from './spec-model';
import { buildPercentiles } from './percentiles';

/** 1,000 rows of training: 5 % of baskets unknown, half of the referrers; sizes from 0 to 99; three devices. */
const TRAINED = 1_000;
const trained: readonly Column[] = [
  column('basket', (row) => (row % 20 === 0 ? NaN : (row * 7) % 50)),
  column('size', (row) => (row * 37) % 100),
  levels('device', ['desktop', 'phone', 'tablet'], (row) => row % 3),
  levels('referrer', ['ad', 'mail'], (row) => (row % 2 === 0 ? -1 : (row >> 1) % 2)),
];
const transform = fitTransform(
  trained,
  Uint32Array.from({ length: TRAINED }, (_, row) => row),
);

function column(name: string, value: (row: number) => number): Column {
  return { kind: 'number', name, values: new Float32Array(TRAINED).map((_, row) => value(row)) };
}
function levels(name: string, words: string[], code: (row: number) => number): Column {
  return { kind: 'category', name, codes: new Int32Array(TRAINED).map((_, row) => code(row)), levels: words };
}

/** A row as in training. */
function usual(row: number): RawRow {
  return {
    basket: row % 20 === 0 ? null : row % 50,
    size: row % 100,
    device: ['desktop', 'phone', 'tablet'][row % 3],
    referrer: row % 2 === 0 ? null : 'ad',
  };
}

/** The decision on `rows` usual rows, the first `odd` of them changed. */
function decide(
  rows: number,
  odd: number,
  change: RawRow,
  options: FitOptions = {},
  by: Transform = transform,
) {
  const scorer = new Scorer({
    transform: by,
    model: new NetworkModel(randomNetwork(by.outputs.length)),
    percentiles: buildPercentiles(Float64Array.of(0, 1), Float64Array.of(1, 1)),
  });
  const counts = new FitCounts();
  // Unusual rows are spread evenly, so that the other values of the rows do not matter.
  for (let row = 0; row < rows; row++) {
    const isOdd = Math.floor(((row + 1) * odd) / rows) > Math.floor((row * odd) / rows);
    scorer.score(isOdd ? { ...usual(row), ...change } : usual(row), counts.onFinding);
    counts.endRow();
  }
  const present = new Map(Object.keys(usual(0)).map((name) => [name, name]));
  return checkRowFit(by, present, counts, options);
}

const refusedWith = (work: () => unknown): string => {
  try {
    work();
    return 'taken';
  } catch (thrown) {
    if (!(thrown instanceof UnfitRowsError)) throw thrown;
    return thrown.fit.unfit.map((one) => `${one.column} ${one.finding}`).join(', ') || thrown.code;
  }
};

describe('rows of a foreign file are not scored', () => {
  it.each<[string, number, number, RawRow, string]>([
    ['as in training', 1_000, 0, {}, 'taken'],
    ['a column empty in every row', 200, 200, { size: null }, 'size unknown'],
    ['a column empty text in every row', 200, 200, { size: '' }, 'size unknown'],
    ['a column absent in every second row', 1_000, 500, { size: undefined }, 'size unknown'],
    ['a tenth unknown where training had none', 1_000, 110, { device: null }, 'device unknown'],
    ['a twentieth unknown where training had none', 1_000, 50, { device: null }, 'taken'],
    ['a tenth unknown where training had 5 %', 1_000, 60, { basket: null }, 'taken'],
    ['a quarter unknown where training had 5 %', 1_000, 250, { basket: null }, 'basket unknown'],
    ['60 % unknown where training had half', 1_000, 200, { referrer: null }, 'taken'],
    ['85 % unknown where training had half', 1_000, 700, { referrer: null }, 'referrer unknown'],
    ['all unknown where training had half', 200, 200, { referrer: null }, 'referrer unknown'],
    ['all empty in 199 rows', 199, 199, { size: null, device: null }, 'taken'],
    ['one new level in a few rows', 1_000, 30, { device: 'watch' }, 'taken'],
    ['one new level in a sixth of the rows', 1_000, 160, { device: 'watch' }, 'device unseen'],
    ['a new level in every row', 200, 200, { device: 'watch' }, 'device unseen'],
    ['levels of another case', 200, 200, { device: 'PHONE' }, 'device unseen'],
    ['levels with blanks', 200, 200, { device: ' phone' }, 'device unseen'],
    ['numbers for levels', 200, 200, { device: 7 }, 'device unseen'],
    ['text for numbers', 200, 200, { size: 'large' }, 'size unseen'],
    ['decimal commas', 1_000, 300, { size: '1,5' }, 'size unseen'],
    ['another unit', 1_000, 900, { size: 4_200 }, 'size outside'],
    ['negative numbers', 1_000, 200, { size: -1 }, 'size outside'],
    ['numbers beyond any float32', 200, 200, { size: '1e60' }, 'size outside'],
    ['one number out of range', 1_000, 1, { size: 4_200 }, 'taken'],
    ['a twentieth out of range', 1_000, 50, { size: 4_200 }, 'taken'],
    ['numbers at the ends of the range', 1_000, 1_000, { size: 99 }, 'taken'],
    ['numbers written as text', 1_000, 1_000, { size: '42' }, 'taken'],
    ['two columns at once', 1_000, 500, { size: null, device: 'watch' }, 'size unknown, device unseen'],
  ])('%s: %d rows, %d of them %j: %s', (_, rows, odd, change, outcome) => {
    expect(refusedWith(() => decide(rows, odd, change))).toBe(outcome);
  });

  it.each<[string, string[], FitOptions, string]>([
    ['all columns', ['basket', 'size', 'device', 'referrer'], {}, 'taken'],
    ['one short', ['basket', 'size', 'device'], {}, 'missing-columns'],
    ['one short, allowed', ['basket', 'size', 'device'], { allowMissing: ['referrer'] }, 'taken'],
    [
      'one short, allowed in another case',
      ['basket', 'size', 'device'],
      { allowMissing: ['Referrer'] },
      'taken',
    ],
    [
      'one short, another allowed',
      ['basket', 'size', 'device'],
      { allowMissing: ['size'] },
      'missing-columns',
    ],
    ['two short, one allowed', ['basket', 'size'], { allowMissing: ['device'] }, 'missing-columns'],
    ['one left, all allowed', ['size'], { allowMissing: 'all' }, 'taken'],
    ['none left', [], {}, 'foreign-rows'],
    ['none left, all allowed', [], { allowMissing: 'all', allowUnfit: true }, 'foreign-rows'],
  ])('%s', (_, present, options, outcome) => {
    const decision = () => checkRowFit(transform, new Set(present), new FitCounts(), options);
    expect(refusedWith(decision)).toBe(outcome);
  });

  it('reports the figures of every column, and accepts them if allowed', () => {
    expect(() => decide(1_000, 430, { device: 'watch' })).toThrow(
      'device: 43.0 % never seen in training, 0.0 % expected',
    );
    expect(() => decide(1_000, 700, { basket: null })).toThrow(
      /basket: 7\d\.\d % unknown, 5\.0 % in training/,
    );
    const { unfit } = decide(1_000, 430, { device: 'watch' }, { allowUnfit: true });
    expect(unfit).toEqual([
      { column: 'device', finding: 'unseen', count: 430, share: 0.43, shareInTraining: 0 },
    ]);
  });

  it('accepts older models without recorded shares: unknown is not judged, unseen is', () => {
    const { features, ...rest } = transform;
    const old = parseTransform({
      ...rest,
      features: features.map((feature) => ({ ...feature, training: undefined })),
    });
    expect(decide(1_000, 0, {}, {}, old).unknownRecorded).toBe(false);
    expect(refusedWith(() => decide(1_000, 1_000, { size: null }, {}, old))).toBe('taken');
    expect(refusedWith(() => decide(1_000, 500, { device: 'watch' }, {}, old))).toBe('device unseen');
    expect(decide(1_000, 0, {}).unknownRecorded).toBe(true);
  });

  it('expects new levels of a column with many rare ones', () => {
    const rare = levels(
      'page',
      Array.from({ length: 400 }, (_, at) => `p${String(at).padStart(3, '0')}`),
      (row) => (row < 300 ? row : 300 + (row % 100)),
    );
    const fitted = fitTransform(
      [rare],
      Uint32Array.from({ length: TRAINED }, (_, row) => row),
    );
    // 300 levels of one row each: 30 % of new rows have a new level as well.
    expect(fitted.features[0]!.training).toEqual({ unknown: 0, singleLevels: 300 });
    const counts = new FitCounts();
    for (let row = 0; row < 1_000; row++) {
      if (row % 10 < 3) counts.onFinding('page', 'unseen');
      counts.endRow();
    }
    expect(checkRowFit(fitted, new Set(['page']), counts).unfit).toEqual([]);
  });

  it('raises no alarm on rows drawn as in training, for any share', () => {
    const seeds = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 60, max: 5_000 }));
    fc.assert(
      fc.property(seeds, fc.integer({ min: 200, max: 5_000 }), fc.nat(), ([share, trainRows], rows, seed) => {
        const draw = (count: number, salt: number): number => {
          let state = (seed ^ salt) >>> 0;
          let hits = 0;
          for (let at = 0; at < count; at++) {
            state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
            if (state / 2 ** 32 < share) hits++;
          }
          return hits;
        };
        const training = { count: draw(trainRows, 1), rows: trainRows };
        // All unknown is far above unless training was nearly so.
        expect(isFarAbove(draw(rows, 2), rows, training)).toBe(false);
      }),
    );
  });
});

describe('column names in any case', () => {
  it.each<[string[], string[], [string, string][]]>([
    [['Age'], ['Age'], [['Age', 'Age']]],
    [['Age'], ['age'], [['Age', 'age']]],
    [['age'], ['AGE', 'age'], [['age', 'age']]],
    [
      ['age', 'AGE'],
      ['age', 'AGE'],
      [
        ['age', 'age'],
        ['AGE', 'AGE'],
      ],
    ],
    [['age'], [' Age '], [['age', ' Age ']]],
    [['age', 'AGE'], ['age'], [['age', 'age']]],
    [
      ['age', 'AGE'],
      ['age', 'Age'],
      [
        ['age', 'age'],
        ['AGE', 'Age'],
      ],
    ],
    [['Café'], ['CAFE'], [['Café', 'CAFE']]],
    [['age'], ['ages'], []],
    [['constructor'], ['a'], []],
    [['__proto__'], ['__PROTO__'], [['__proto__', '__PROTO__']]],
    [['Größe'], ['GRÖßE'], [['Größe', 'GRÖßE']]],
  ])('%j among %j', (wanted, given, matched) => {
    expect([...matchColumns(wanted, given)]).toEqual(matched);
  });

  it('refuses ambiguous names', () => {
    expect(() => matchColumns(['age'], ['AGE', 'Age'])).toThrow(/age = \["AGE","Age"\]/);
  });
});
