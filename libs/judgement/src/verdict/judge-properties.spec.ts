import type { BootstrapInterval } from '@factory/metrics';
import fc from 'fast-check';
import { judge } from './judge';
import { candidateFigures, championFigures, verdictInputs } from './spec-inputs';
import type { VerdictInputs } from './verdict-inputs';
import { DEFAULT_VERDICT_RULES } from './verdict-rules';

const rules = DEFAULT_VERDICT_RULES;
const number = (most: number) => fc.double({ min: -most, max: most, noNaN: true });
/** Ends in order; the estimate may be anywhere, as in a percentile interval it may. */
const anyInterval = (most: number): fc.Arbitrary<BootstrapInterval> =>
  fc
    .tuple(fc.array(number(most), { minLength: 4, maxLength: 4 }), number(most))
    .map(([ends, estimate]) => ({ ends: ends.toSorted((a, b) => a - b), estimate }))
    .map(({ ends, estimate }) => ({
      estimate,
      lower99: ends[0]!,
      lower95: ends[1]!,
      upper95: ends[2]!,
      upper99: ends[3]!,
    }));
const share = fc.double({ min: 0, max: 1, noNaN: true });

const anyLoss = fc.double({ min: 1e-4, max: 1, noNaN: true });
const anyChampion = fc.record(
  {
    logLoss: anyLoss,
    calibrationRatio: fc.double({ min: 0.1, max: 10, noNaN: true }),
    ageDays: fc.double({ min: -10, max: 100, noNaN: true }),
    difference: anyInterval(0.01),
    anchor: fc.record({ logLoss: anyLoss, difference: anyInterval(0.01) }),
  },
  { requiredKeys: ['logLoss', 'calibrationRatio', 'ageDays', 'difference'] },
);
const anyInputs: fc.Arbitrary<VerdictInputs> = fc.record(
  {
    candidate: fc.record({
      family: fc.constantFrom('network', 'logistic'),
      figures: fc.record({
        rocAuc: share,
        calibrationRatio: anyInterval(3),
        calibrationSlope: fc.oneof(number(5), fc.constantFrom('one-class', 'one-score', 'separated')),
        overBaseRate: anyInterval(0.1),
      }) as fc.Arbitrary<NonNullable<VerdictInputs['candidate']['figures']>>,
      parameters: fc.nat(2e7),
      bytes: fc.nat(2e8),
    }),
    judging: fc.record({ goals: fc.nat(3), reused: fc.boolean() }),
    logistic: fc.record({ rocAuc: share, difference: anyInterval(0.01) }),
    champion: anyChampion,
    held: fc.boolean(),
  },
  { requiredKeys: ['candidate', 'judging'] },
);
/** What reaches the comparison. */
const soundInputs = fc
  .record({ champion: anyChampion, reused: fc.boolean() })
  .map(({ champion, reused }) => verdictInputs({ champion, judging: { goals: 500, reused } }));

/** The same inputs with one number in them replaced, for each of their numbers. */
function* eachNumberReplaced<T>(value: T, by: number): Generator<T> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, one] of Object.entries(value)) {
    if (typeof one === 'number') yield replaced(value, name, by);
    for (const inner of eachNumberReplaced(one as unknown, by)) yield replaced(value, name, inner);
  }
}
function replaced<T extends object>(value: T, name: string, by: unknown): T {
  return Array.isArray(value)
    ? (value.map((one: unknown, at) => (String(at) === name ? by : one)) as unknown as T)
    : { ...value, [name]: by };
}

describe('any verdict', () => {
  it('never promotes a challenger whose loss is higher by more than the margin, nor one that is held', () => {
    fc.assert(
      fc.property(
        fc.oneof({ weight: 1, arbitrary: anyInputs }, { weight: 4, arbitrary: soundInputs }),
        (inputs) => {
          const { verdict } = judge(inputs, rules);
          if (verdict !== 'promote') return;
          expect(inputs.held).not.toBe(true);
          const { champion } = inputs;
          if (champion)
            expect(champion.difference.estimate).toBeLessThanOrEqual(rules.nonInferiority * champion.logLoss);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('without proof is never promoted after another one, unless it is surely as good as the last one with proof', () => {
    fc.assert(
      fc.property(soundInputs, (inputs) => {
        const { verdict, reason, proven } = judge(inputs, rules);
        const { anchor } = inputs.champion!;
        if (verdict !== 'promote' || !anchor) return;
        const isAsGood = anchor.difference.upper95 < rules.nonInferiority * anchor.logLoss;
        if (reason !== 'better') expect(isAsGood).toBe(true);
        if (!isAsGood) expect(proven).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('rejects by the first rule that failed, and promotes nothing that failed one', () => {
    const rejecting = [
      'finite-figures',
      'goals-to-judge-by',
      'ranks',
      'beats-base-rate',
      'suspect-leak',
      'beats-logistic',
      'calibrated',
      'parameters',
      'bytes',
    ];
    fc.assert(
      fc.property(anyInputs, (inputs) => {
        const found = judge(inputs, rules);
        const failed = found.rules.find((one) => rejecting.includes(one.rule) && one.outcome === 'failed');
        expect(found.verdict === 'reject').toBe(failed !== undefined);
        if (failed) expect(found.reason).toBe(failed.rule);
        const order = found.rules.map(({ rule }) => rejecting.indexOf(rule)).filter((at) => at >= 0);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }),
      { numRuns: 1000 },
    );
  });

  it('rejects a figure that is not finite, wherever it is', () => {
    const inputs: VerdictInputs = {
      ...verdictInputs({
        champion: championFigures({ anchor: { logLoss: 0.1, difference: championFigures().difference } }),
      }),
      candidate: { ...verdictInputs().candidate, figures: candidateFigures(), latencyMs: 3 },
      logistic: { rocAuc: 0.7, difference: championFigures().difference },
    };
    expect(judge(inputs, rules).verdict).toBe('promote');
    for (const wrong of [NaN, Infinity, -Infinity]) {
      const all = [...eachNumberReplaced(inputs, wrong)];
      expect(all.length).toBeGreaterThan(25);
      for (const one of all) {
        const found = judge(one, rules);
        expect(found).toMatchObject({ verdict: 'reject', reason: 'finite-figures' });
        expect(found.words).toContain(String(wrong));
      }
    }
  });

  it('is better for a challenger whose difference is lower', () => {
    const rank = { reject: 0, keep: 1, promote: 2 };
    fc.assert(
      fc.property(soundInputs, fc.double({ min: 0, max: 0.01, noNaN: true }), (inputs, less) => {
        const champion = inputs.champion!;
        const lower = Object.fromEntries(
          Object.entries(champion.difference).map(([name, value]) => [name, value - less]),
        ) as unknown as BootstrapInterval;
        const before = judge(inputs, rules);
        const after = judge({ ...inputs, champion: { ...champion, difference: lower } }, rules);
        expect(rank[after.verdict]).toBeGreaterThanOrEqual(rank[before.verdict]);
      }),
      { numRuns: 1000 },
    );
  });
});
