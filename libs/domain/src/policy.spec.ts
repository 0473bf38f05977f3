import { BadInputsError, NewerVersionError } from './errors';
import {
  DEFAULT_POLICY,
  completePolicy,
  completePolicyOfRun,
  completeStoredPolicy,
  fieldsOfLaterReleases,
  policyOfRun,
  settingOfRun,
} from './policy';

function refusalsOf(given: Record<string, unknown>): BadInputsError {
  try {
    completePolicy(given);
  } catch (error) {
    if (error instanceof BadInputsError) return error;
    throw error;
  }
  throw new Error(`was accepted: ${JSON.stringify(given)}`);
}

describe('a policy', () => {
  it('has a default for every field, as in the rules', () => {
    expect(completePolicy({})).toEqual({
      pool: 'default',
      grid: 'standard',
      search: 'grid',
      searchTrials: 0,
      epochs: 50,
      outOfTimeDays: 7,
      rangeDays: 90,
      minSales: 500,
      window: 'volume',
      windowThresholds: [
        { days: 30, sales: 10_000 },
        { days: 14, sales: 50_000 },
      ],
      maxPositives: 100_000,
      negativesPerPositive: 8,
      outOfTimeMaxPositives: 20_000,
      outOfTimeMaxNegatives: 200_000,
      detrend: false,
      maxFeatures: 400,
      scaler: 'standard',
      groupsInFlight: 4,
      deadlineSeconds: 21_600,
      minOutOfTimeGoals: 100,
      repair: 'auto',
      repairGoals: 2_000,
    });
  });

  it('has defaults that are valid', () => {
    expect(completePolicy({ ...DEFAULT_POLICY })).toEqual(DEFAULT_POLICY);
  });

  it('is completed from its base, and does not change the base', () => {
    const base = completePolicy({ grid: 'full', epochs: 9 });
    expect(completePolicy({ epochs: 3, outOfTimeDays: 0 }, base)).toEqual({
      ...base,
      epochs: 3,
      outOfTimeDays: 0,
    });
    expect(base.epochs).toBe(9);
  });

  it.each<[field: string, least: number, most: number]>([
    ['searchTrials', 0, 10_000],
    ['epochs', 1, 10_000],
    ['outOfTimeDays', 0, 3_650],
    ['rangeDays', 1, 36_500],
    ['minSales', 1, 1e9],
    ['maxPositives', 10, 1e7],
    ['negativesPerPositive', 1, 1_000],
    ['outOfTimeMaxPositives', 1, 1e7],
    ['outOfTimeMaxNegatives', 1, 1e8],
    ['maxFeatures', 1, 100_000],
    ['groupsInFlight', 1, 10_000],
    ['deadlineSeconds', 1, 2_592_000],
    ['minOutOfTimeGoals', 1, 1e9],
    ['repairGoals', 1, 1e9],
  ])('accepts for %s whole numbers from %i to %i', (field, least, most) => {
    for (const value of [least, most])
      expect(completePolicy({ [field]: value })).toMatchObject({ [field]: value });
    const todo = `give a whole number from ${least} to ${most}`;
    for (const value of [least - 1, most + 1, least + 0.5, Number.NaN, String(most), null, true])
      expect(refusalsOf({ [field]: value }).refusals).toEqual([{ field: `policy.${field}`, value, todo }]);
  });

  it.each<[field: string, good: readonly unknown[], bad: readonly unknown[], todo: RegExp]>([
    [
      'pool',
      ['gpu', 'a'.repeat(40)],
      ['GPU', '', 'a.b', 'a'.repeat(41), 'plan', 7, null],
      /^use 1 to 40 .*plan is reserved$/,
    ],
    ['grid', ['quick', 'standard', 'full'], ['huge', ['quick'], null], /^use one of quick, standard, full$/],
    ['search', ['grid', 'asha', 'random'], ['hyperband', ['asha'], null], /^use one of grid, asha, random$/],
    [
      'scaler',
      ['standard', 'maxabs', 'none'],
      ['minmax', ['none'], null],
      /^use one of standard, maxabs, none$/,
    ],
    ['detrend', [true, false], ['true', 1, null], /^give true or false$/],
    [
      'window',
      ['volume', 'all'],
      ['', 'ALL', 'All', 'whole', 90, true, null, []],
      /^use one of volume, all, evidence$/,
    ],
    [
      'windowThresholds',
      [[], [{ days: 0, sales: 0 }]],
      [{}, null, [7], [null], [{ days: 1 }], [{ days: -1, sales: 1 }], [{ days: 1, sales: 0.5 }]],
      /^give a list of \{days, sales\}/,
    ],
  ])('accepts for %s valid values and refuses the rest', (field, good, bad, todo) => {
    for (const value of good) expect(completePolicy({ [field]: value })).toMatchObject({ [field]: value });
    for (const value of bad)
      expect(refusalsOf({ [field]: value })).toMatchObject({
        code: 'invalid-policy',
        refusals: [{ field: `policy.${field}`, value, todo: expect.stringMatching(todo) }],
      });
  });

  it.each(['epoch', 'Grid', '', 'constructor', 'toString', '__proto__'])('has no field %j', (field) => {
    const given = JSON.parse(`{"${field}": []}`) as Record<string, unknown>;
    expect(refusalsOf(given)).toMatchObject({
      refusals: [
        { field: `policy.${field}`, todo: expect.stringMatching(/^remove it, or use one of pool, grid, /) },
      ],
    });
  });

  it('is refused with all faults together, one line each', () => {
    const refusal = refusalsOf({ grid: 'huge', epochs: 5, minSales: 0, colour: 'red' });
    expect(refusal.message.split('\n')).toEqual([
      'policy.grid = "huge": use one of quick, standard, full',
      'policy.minSales = 0: give a whole number from 1 to 1000000000',
      expect.stringMatching(/^policy\.colour = "red": remove it/),
    ]);
  });
});

describe('the policy stored with a run', () => {
  it('has no field that an older release refuses: the whole range is an empty list of thresholds', () => {
    const all = policyOfRun({ ...DEFAULT_POLICY, window: 'all' });
    expect(all).not.toHaveProperty('window');
    expect(all.windowThresholds).toEqual([]);
    expect(policyOfRun(DEFAULT_POLICY)).toEqual({ ...DEFAULT_POLICY, window: undefined });
    expect(completePolicyOfRun(all)).toEqual({ ...DEFAULT_POLICY, windowThresholds: [] });
  });

  it('is read despite fields added by a newer release', () => {
    expect(completePolicyOfRun({ grid: 'full', window: 'all', calibration: 'isotonic' })).toEqual({
      ...DEFAULT_POLICY,
      grid: 'full',
      window: 'all',
    });
  });

  it.each<[field: string, value: unknown, says: string]>([
    [
      'grid',
      'huge',
      'policy.grid = huge: read it with the release that wrote it, or a later one; this release knows quick, standard, full',
    ],
    [
      'epochs',
      20_000,
      'policy.epochs = 20000: read it with the release that wrote it, or a later one; this release knows 1 to 10000',
    ],
    ['deadlineSeconds', null, 'policy.deadlineSeconds = null: '],
    ['windowThresholds', { days: 1 }, 'policy.windowThresholds = {"days":1}: '],
  ])(
    'waits for a later release if %s has a value that only such a one can have taken',
    (field, value, says) => {
      const kept = { calibration: 'isotonic', [field]: value };
      expect(() => completePolicyOfRun(kept)).toThrow(NewerVersionError);
      expect(() => completePolicyOfRun(kept)).toThrow(says);
    },
  );

  it('is read setting by setting, where its reader cannot wait', () => {
    expect(settingOfRun({ grid: 'huge', epochs: 9 }, 'epochs')).toBe(9);
    expect(settingOfRun({ grid: 'huge' }, 'epochs')).toBe(50);
    expect(settingOfRun({ grid: 'huge' }, 'grid')).toBeUndefined();
    for (const none of [null, undefined]) expect(settingOfRun(none, 'epochs')).toBeUndefined();
  });

  it('is completed if an older release left fields out', () => {
    expect(completePolicyOfRun({})).toEqual(DEFAULT_POLICY);
  });

  it('keeps what a later release has set for the product, across releases that do not know it', () => {
    const set = JSON.parse('{"epochs": 9, "calibration": {"by": "isotonic"}, "__proto__": [1]}') as object;
    const kept = policyOfRun(completeStoredPolicy({ ...set }));
    const { window, ...known } = { ...DEFAULT_POLICY, epochs: 9 };
    expect(window).toBe('volume');
    expect(JSON.parse(JSON.stringify(kept))).toEqual({ ...known, ...set });
    expect(completePolicyOfRun(kept)).toEqual({ ...DEFAULT_POLICY, epochs: 9 });
    expect(Object.keys(fieldsOfLaterReleases(kept))).toEqual(['calibration', '__proto__']);
  });

  it('is refused if a stored value of a known field is wrong', () => {
    expect(() => completeStoredPolicy({ epochs: 0, calibration: 'isotonic' })).toThrow(
      /^policy\.epochs = 0: give a whole number from 1 to 10000$/,
    );
  });
});
