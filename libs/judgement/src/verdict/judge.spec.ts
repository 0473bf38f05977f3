import { judge } from './judge';
import { candidateFigures, championFigures, interval, parseVerdictRules, verdictInputs } from './spec-inputs';
import type { ChampionFigures, VerdictInputs } from './verdict-inputs';
import { DEFAULT_VERDICT_RULES } from './verdict-rules';

const rules = DEFAULT_VERDICT_RULES;
const logistic = (lower95: number, rocAuc = 0.7) => ({
  rocAuc,
  difference: interval(lower95, lower95 + 0.001, lower95 + 0.002),
});
const model = (changed: Partial<VerdictInputs['candidate']>) => ({
  candidate: { ...verdictInputs().candidate, ...changed },
});

describe('a candidate alone', () => {
  it.each<
    [
      rule: string,
      what: string,
      passes: Parameters<typeof verdictInputs>[0],
      fails: Parameters<typeof verdictInputs>[0],
    ]
  >([
    [
      'goals-to-judge-by',
      'one goal',
      { judging: { goals: 1, reused: false } },
      { judging: { goals: 0, reused: false } },
    ],
    ['ranks', 'AUC .55', { figures: { rocAuc: 0.55 } }, { figures: { rocAuc: 0.5499 } }],
    [
      'beats-base-rate',
      'upper bound below 0',
      { figures: { overBaseRate: interval(-2e-3, -1e-3, -1e-9) } },
      { figures: { overBaseRate: interval(-2e-3, -1e-3, 0) } },
    ],
    ['suspect-leak', 'AUC .999', { figures: { rocAuc: 0.9989 } }, { figures: { rocAuc: 0.999 } }],
    [
      'suspect-leak',
      'separated',
      { figures: { calibrationSlope: 9 } },
      { figures: { calibrationSlope: 'separated' } },
    ],
    ['beats-logistic', 'lower bound 1 nat', { logistic: logistic(1) }, { logistic: logistic(1.001) }],
    [
      'calibrated',
      'interval reaches .8',
      { figures: { calibrationRatio: interval(0.6, 0.7, 0.8) } },
      { figures: { calibrationRatio: interval(0.6, 0.7, 0.799) } },
    ],
    [
      'calibrated',
      'interval reaches 1.25',
      { figures: { calibrationRatio: interval(1.25, 1.4, 1.6) } },
      { figures: { calibrationRatio: interval(1.251, 1.4, 1.6) } },
    ],
    [
      'calibrated',
      'outside, but closer than the champion',
      {
        figures: { calibrationRatio: interval(1.3, 1.4, 1.6) },
        champion: championFigures({ calibrationRatio: 0.7 }),
      },
      {
        figures: { calibrationRatio: interval(1.3, 1.4, 1.6) },
        champion: championFigures({ calibrationRatio: 0.72 }),
      },
    ],
    ['parameters', '10 million', model({ parameters: 10_000_000 }), model({ parameters: 10_000_001 })],
    ['bytes', '100 MB', model({ bytes: 100_000_000 }), model({ bytes: 100_000_001 })],
  ])('%s: %s', (rule, _, passes, fails) => {
    const passed = judge(verdictInputs(passes), rules);
    expect(passed).toMatchObject({ verdict: 'promote' });
    expect(passed.rules.find((one) => one.rule === rule)?.outcome).toBe('passed');
    const failed = judge(verdictInputs(fails), rules);
    expect(failed).toMatchObject({ verdict: 'reject', reason: rule });
    expect(failed.rules.find((one) => one.rule === rule)?.outcome).toBe('failed');
    expect(failed.words).toMatch(/^Rejected: .*\.$/);
  });

  it('is rejected by the first rule that fails, and the others are told as well', () => {
    const found = judge(
      verdictInputs({ figures: { rocAuc: 0.5, overBaseRate: interval(0, 1, 2) }, logistic: logistic(2) }),
      rules,
    );
    expect(found.reason).toBe('ranks');
    expect(found.rules.filter(({ outcome }) => outcome === 'failed').map(({ rule }) => rule)).toEqual([
      'ranks',
      'beats-base-rate',
      'beats-logistic',
      'logistic-better',
      'logistic-ranks',
    ]);
  });

  it('is rejected when its scores are not finite', () => {
    expect(judge(verdictInputs(model({ figures: null })), rules)).toMatchObject({
      verdict: 'reject',
      reason: 'finite-scores',
    });
  });

  it('may be worse than logistic regression when it is one', () => {
    const input = verdictInputs({ ...model({ family: 'logistic' }), logistic: logistic(1) });
    const found = judge(input, rules);
    expect(found.verdict).toBe('promote');
    expect(found.rules.find(({ rule }) => rule === 'beats-logistic')?.outcome).toBe('skipped');
  });

  it.each<[what: string, quiet: Partial<VerdictInputs>, warned: Partial<VerdictInputs>, words: RegExp]>([
    ['latency', model({ latencyMs: 50 }), model({ latencyMs: 51 }), /51 ms; up to 50 ms/],
    [
      'log-loss of logistic regression',
      { logistic: logistic(0) },
      { logistic: logistic(1e-3) },
      /surely at least 0.001/,
    ],
    [
      'AUC of logistic regression',
      { logistic: logistic(-1, 0.8) },
      { logistic: logistic(-1, 0.81) },
      /regression 0.81/,
    ],
  ])('is warned of, and promoted all the same: %s', (_, quiet, warned, words) => {
    expect(judge(verdictInputs(quiet), rules)).toMatchObject({ verdict: 'promote', warnings: [] });
    const found = judge(verdictInputs(warned), rules);
    expect(found.verdict).toBe('promote');
    expect(found.warnings).toEqual([expect.stringMatching(words)]);
  });

  it('is promoted where there is no champion, with every rule named', () => {
    const found = judge(verdictInputs(), rules);
    expect(found).toMatchObject({ verdict: 'promote', reason: 'no-champion', alerts: [] });
    expect(found.rules.map(({ rule }) => rule)).toEqual([
      'finite-figures',
      'goals-to-judge-by',
      'ranks',
      'beats-base-rate',
      'suspect-leak',
      'beats-logistic',
      'calibrated',
      'parameters',
      'bytes',
      'latency',
      'logistic-better',
      'logistic-ranks',
      'no-champion',
    ]);
    expect(found.rules.find(({ rule }) => rule === 'ranks')).toEqual({
      rule: 'ranks',
      outcome: 'passed',
      figure: 0.8,
      limit: 0.55,
      words: 'ROC-AUC is 0.8; at least 0.55 is asked for.',
    });
  });
});

describe('a challenger', () => {
  const against = (changed: Partial<ChampionFigures>, others: Partial<VerdictInputs> = {}) => {
    const { verdict, reason } = judge(
      verdictInputs({ champion: championFigures(changed), ...others }),
      rules,
    );
    return `${verdict} ${reason}`;
  };
  const reused = { judging: { goals: 500, reused: true } };
  /** Not worse: the upper bound is below the margin of .0005. */
  const alike = interval(-0.0002, 0.0001, 0.0004);
  /** Neither better nor worse as far as the rows tell. */
  const unsure = interval(-0.002, 0.0003, 0.0025);

  /** Surely at most so much worse than the last version with proof, whose log-loss is .1. */
  const anchor = (upper95: number) => ({ logLoss: 0.1, difference: interval(-1e-3, -2e-4, upper95) });

  const cases: [
    what: string,
    changed: Partial<ChampionFigures>,
    outcome: string,
    others?: Partial<VerdictInputs>,
  ][] = [
    ['surely better', { difference: interval(-3e-3, -2e-3, -1e-9) }, 'promote better'],
    ['upper bound 0', { difference: interval(-3e-3, -2e-3, 0) }, 'keep champion-fresh'],
    [
      'better to 99 % on reused rows',
      { difference: interval(-3.9e-3, -2e-3, -6e-4) },
      'promote better',
      reused,
    ],
    [
      'better to 95 % only on reused rows',
      { difference: interval(-3.9e-3, -2e-3, -4e-4) },
      'keep champion-fresh',
      reused,
    ],
    ['the same on rows of its own', { difference: interval(-3.9e-3, -2e-3, -4e-4) }, 'promote better'],
    ['not worse, champion of 14 days', { difference: alike, ageDays: 14 }, 'keep champion-fresh'],
    ['not worse, champion older', { difference: alike, ageDays: 14.1 }, 'promote fresher'],
    [
      'upper bound at the margin',
      { difference: interval(-2e-4, 1e-4, 0.0005), ageDays: 20 },
      'keep inconclusive',
    ],
    [
      'surely worse, within the margin',
      { difference: interval(1e-4, 2e-4, 4e-4), ageDays: 20 },
      'promote fresher',
    ],
    ['surely worse, past the margin', { difference: interval(1e-4, 4e-4, 7e-4), ageDays: 90 }, 'keep worse'],
    ['unsure', { difference: unsure }, 'keep inconclusive'],
    ['unsure, champion of 28 days', { difference: unsure, ageDays: 28 }, 'keep inconclusive'],
    ['unsure, champion stale', { difference: unsure, ageDays: 28.1 }, 'promote stale'],
    [
      'upper bound past 5 margins',
      { difference: interval(-2e-3, 3e-4, 0.00251), ageDays: 90 },
      'keep inconclusive',
    ],
    ['point past the margin', { difference: interval(-2e-3, 5.1e-4, 0.0025), ageDays: 90 }, 'keep worse'],
    ['point at the margin', { difference: interval(-2e-3, 0.0005, 0.0025), ageDays: 90 }, 'promote stale'],
    [
      'not worse than the anchor',
      { difference: alike, ageDays: 20, anchor: anchor(4.9e-4) },
      'promote fresher',
    ],
    [
      'perhaps worse than the anchor',
      { difference: alike, ageDays: 20, anchor: anchor(5e-4) },
      'keep creeping',
    ],
    [
      'estimated worse than the anchor',
      { difference: alike, ageDays: 20, anchor: { logLoss: 0.1, difference: interval(0, 6e-4, 4e-4) } },
      'keep creeping',
    ],
    ['a second stale one', { difference: unsure, ageDays: 90, anchor: anchor(4.9e-4) }, 'keep creeping'],
    ['better, perhaps worse than the anchor', { anchor: anchor(1) }, 'promote better'],
    ['data of the same end', { ageDays: 0 }, 'promote better'],
    ['older data', { ageDays: -0.1 }, 'keep older-than-champion'],
    ['held', {}, 'keep held', { held: true }],
    ['held, worse', { difference: interval(1, 2, 3) }, 'keep worse', { held: true }],
  ];
  it.each(cases.map(([what, changed, outcome, others = {}]) => ({ what, changed, outcome, others })))(
    '$what',
    ({ changed, outcome, others }) => {
      expect(against(changed, others)).toBe(outcome);
    },
  );

  it('is rejected on its own figures before it is compared', () => {
    expect(against({}, { candidate: { ...verdictInputs().candidate, bytes: 1e9 } })).toBe('reject bytes');
  });

  it('raises an alert where somebody should act', () => {
    const alerts = (changed: Partial<ChampionFigures>) =>
      judge(verdictInputs({ champion: championFigures(changed) }), rules).alerts;
    expect(alerts({ difference: unsure, ageDays: 90 })).toEqual([expect.stringMatching(/champion is stale/)]);
    expect(alerts({ difference: alike, ageDays: 20, anchor: anchor(1) })).toEqual([
      expect.stringMatching(/last version that was promoted with proof/),
    ]);
    expect(alerts({})).toEqual([]);
  });

  it('is what later ones are held against once it is proven', () => {
    const proven = (changed: Partial<ChampionFigures>, others: Partial<VerdictInputs> = {}) =>
      judge(verdictInputs({ champion: championFigures(changed), ...others }), rules).proven;
    expect(judge(verdictInputs(), rules).proven).toBe(true);
    expect(proven({})).toBe(true);
    expect(proven({ anchor: anchor(4.9e-4) })).toBe(true);
    expect(proven({ anchor: anchor(5e-4) })).toBe(false);
    expect(proven({ difference: alike, ageDays: 20 })).toBe(false);
    expect(proven({ difference: unsure, ageDays: 90 })).toBe(false);
    expect(proven({}, { held: true })).toBe(false);
    expect(proven({ ageDays: -1 })).toBe(false);
  });

  it('tells in sentences what it was held against', () => {
    const found = judge(verdictInputs({ champion: championFigures() }), rules);
    expect(found.words).toBe("Promoted: its log-loss is surely lower than the champion's.");
    expect(found.rules.find(({ rule }) => rule === 'better')?.words).toBe(
      "Log-loss differs from the champion's by -2 % (95 % interval -3 % to -1 %); better means surely below 0.",
    );
  });

  describe('where the rules say what a goal is worth', () => {
    const paid = parseVerdictRules('profit: {goalValue: 40, contactCost: 1}');
    it.each([
      ['a loss that is not sure', interval(-3, -1, 0), 'promote better'],
      ['a loss that is sure', interval(-3, -1, -0.01), 'keep less-profit'],
      ['no comparison', undefined, 'promote better'],
    ])('%s', (_, profit, outcome) => {
      const champion = championFigures(profit ? { profit } : {});
      const { verdict, reason } = judge(verdictInputs({ champion }), paid);
      expect(`${verdict} ${reason}`).toBe(outcome);
      expect(judge(verdictInputs({ champion }), rules).verdict).toBe('promote');
    });
  });
});

describe('rules of another mind', () => {
  it.each([
    ['minRocAuc: 0.81', 'reject ranks'],
    ['suspectRocAuc: 0.8', 'reject suspect-leak'],
    ['calibrationRatio: {from: 0.8, to: 0.9}', 'reject calibrated'],
    ['maxParameters: 9999', 'reject parameters'],
    ['maxBytes: 99999', 'reject bytes'],
    ['nonInferiority: 0.001', 'keep inconclusive'],
    ['freshAfterDays: 25', 'keep champion-fresh'],
    ['creepMargins: 0.1', 'keep creeping'],
    ['{}', 'promote fresher'],
  ])('%s', (text, outcome) => {
    const difference = interval(-2e-4, 1e-4, 4e-4);
    const champion = championFigures({ ageDays: 20, difference, anchor: { logLoss: 0.1, difference } });
    const { verdict, reason } = judge(verdictInputs({ champion }), parseVerdictRules(text));
    expect(`${verdict} ${reason}`).toBe(outcome);
  });

  it.each([
    ['staleAfter: 5', 'keep inconclusive'],
    ['staleMargins: 2', 'keep inconclusive'],
    ['{}', 'promote stale'],
  ])('for the stale: %s', (text, outcome) => {
    const champion = championFigures({ ageDays: 60, difference: interval(-2e-3, 3e-4, 2e-3) });
    const { verdict, reason } = judge(verdictInputs({ champion }), parseVerdictRules(text));
    expect(`${verdict} ${reason}`).toBe(outcome);
  });

  it('warn of slower scoring', () => {
    const slow = verdictInputs({
      candidate: { ...verdictInputs().candidate, latencyMs: 60, figures: candidateFigures() },
    });
    expect(judge(slow, parseVerdictRules('warnLatencyMs: 60')).warnings).toEqual([]);
  });
});
