import type { ReadingRules } from '@factory/rows';
import { parseSources } from '@factory/source';
import { checkSameSource, declaredSource, withImportedSource } from './sources-entry';

const options = {
  source: 'my-bank',
  word: 'my_bank',
  connectionEnv: 'SOURCE_MY_BANK_URL',
  goals: ['deposit'],
  featureTables: ['my_bank_feature'],
  noTime: false,
  rules: {},
};

const HAND_WRITTEN = `# The shop's own source.
sources:
  main:
    connectionEnv: SOURCE_MAIN_URL # read only
    products: { table: product, id: product_id }
    visits: { table: visit, id: visit_id, product: product_id, time: visit_time }
    defaultGoal: sale
    goals: { sale: { table: sale, visit: visit_id, time: sale_time } }
    features: [{ table: agg_pages, key: visit_id, missing: zero }]
`;

describe('the entry of an imported source', () => {
  it('creates sources.yaml if it does not exist', () => {
    const source = parseSources(withImportedSource(undefined, options)).get('my-bank');
    expect(source).toMatchObject({
      connectionEnv: 'SOURCE_MY_BANK_URL',
      visits: { table: 'my_bank_visit' },
      defaultGoal: 'deposit',
      features: [{ table: 'my_bank_feature', missing: 'unknown' }],
    });
  });

  it('keeps comments and other sources', () => {
    const text = withImportedSource(HAND_WRITTEN, options);
    expect(text).toContain("# The shop's own source.");
    expect(text).toContain('# read only');
    expect([...parseSources(text).keys()]).toEqual(['main', 'my-bank']);
  });

  it('keeps a manual `covers` of a table, and no other manual change', () => {
    const first = withImportedSource(undefined, options);
    const edited = first.replace('missing: unknown', 'missing: zero\n        covers: before-visit');
    expect(edited).not.toBe(first);
    const again = withImportedSource(edited, options);
    expect(parseSources(again).get('my-bank')?.features).toMatchObject([
      { missing: 'unknown', covers: 'before-visit' },
    ]);
    expect(withImportedSource(again, options)).toBe(again);
  });

  it('has a table for each goal and each part of many features, and records the options on files and times', () => {
    const rules = { decimal: ',', thousands: '.', missing: ['k. A.'], restMissing: ['age'] } as const;
    const featureTables = ['my_bank_feature', 'my_bank_feature_2'];
    const text = withImportedSource(undefined, {
      ...options,
      goals: ['a', 'b'],
      featureTables,
      noTime: true,
      rules,
    });
    expect(parseSources(text).get('my-bank')).toMatchObject({
      visits: { noTime: true },
      defaultGoal: 'a',
      goals: { a: { table: 'my_bank_goal' }, b: { table: 'my_bank_goal_2' } },
      features: [{ table: 'my_bank_feature' }, { table: 'my_bank_feature_2' }],
      csv: rules,
    });
  });

  it('stores no reading rules for files with the default rules', () => {
    expect(withImportedSource(undefined, { ...options, rules: { decimal: '.', missing: [] } })).not.toContain(
      'csv',
    );
  });

  it('changes nothing the second time', () => {
    const text = withImportedSource(HAND_WRITTEN, options);
    expect(withImportedSource(text, options)).toBe(text);
  });

  it('never replaces a source that was not imported', () => {
    expect(() => withImportedSource(HAND_WRITTEN, { ...options, source: 'main', word: 'main' })).toThrow(
      expect.objectContaining({ code: 'source-exists' }),
    );
  });

  it('refuses an invalid sources.yaml instead of overwriting it', () => {
    expect(() => withImportedSource('sources: [', options)).toThrow(
      expect.objectContaining({ code: 'invalid-sources' }),
    );
  });
});

describe('another product of a source', () => {
  const stored = (rules: ReadingRules) =>
    declaredSource(withImportedSource(undefined, { ...options, rules }), options.source);
  const german = { decimal: ',', thousands: '.' } as const;

  it.each<[ReadingRules, ReadingRules, RegExp]>([
    [{}, { decimal: ',' }, /--decimal comma.*none of --decimal/s],
    [{ decimal: ',' }, {}, /none of --decimal.*: --decimal comma$/s],
    [german, { thousands: ',' }, /--thousands comma.*--decimal comma --thousands dot$/s],
    [german, { decimal: ',' }, /--decimal comma --thousands dot$/],
    [german, { ...german, missing: ['-999'] }, /--missing -999/],
    [{}, { missing: ['k. A.'] }, /--missing 'k\. A\.'/],
    [{ missing: ['a', 'b'] }, { missing: ['a'] }, /--missing a b$/],
    [{}, { thousands: ' ' }, /--thousands space/],
    [{}, { thousands: "'" }, /--thousands apostrophe/],
    [{}, { thousands: '_' }, /--thousands underscore/],
    [{ restMissing: ['price'] }, {}, /--numbers price --rest missing$/],
    [{ restMissing: ['price'] }, { restMissing: ['price', 'age'] }, /--numbers price age --rest missing/],
  ])('of files read by %j is refused with rules %j, and the message names both', (before, rules, says) => {
    expect(() => checkSameSource(stored(before), { ...options, rules })).toThrow(
      expect.objectContaining({ code: 'rules-differ', message: expect.stringMatching(says) as string }),
    );
  });

  it.each<[ReadingRules, ReadingRules]>([
    [{}, {}],
    [{}, { decimal: '.', missing: [] }],
    [{}, { missing: ['NA', 'null'] }],
    [german, german],
    [{ missing: ['A', 'b '] }, { missing: ['B', 'a', 'a'] }],
    [{ restMissing: ['x', 'y'] }, { restMissing: ['y', 'x'] }],
  ])('of files read by %j may be read by %j', (before, rules) => {
    expect(() => checkSameSource(stored(before), { ...options, rules })).not.toThrow();
  });
});
