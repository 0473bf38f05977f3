import { BadInputsError } from '@factory/domain';
import { DEFAULT_VERDICT_RULES, parseVerdictRules } from './verdict-rules';

/** What is wrong with rules, as field and value. */
function faultsOf(text: string): (readonly [string, unknown])[] {
  try {
    parseVerdictRules(text);
  } catch (thrown) {
    if (thrown instanceof BadInputsError) return thrown.refusals.map(({ field, value }) => [field, value]);
    throw thrown;
  }
  return [];
}

describe('rules of the verdict', () => {
  it('are those of rules R8 where nothing is said', () => {
    expect(parseVerdictRules('')).toEqual(DEFAULT_VERDICT_RULES);
    expect(DEFAULT_VERDICT_RULES).toMatchObject({
      minRocAuc: 0.55,
      suspectRocAuc: 0.999,
      calibrationRatio: { from: 0.8, to: 1.25 },
      nonInferiority: 0.005,
      freshAfterDays: 14,
      staleAfter: 2,
      staleMargins: 5,
      creepMargins: 1,
    });
    expect(DEFAULT_VERDICT_RULES.profit).toBeUndefined();
  });

  it('are changed one by one', () => {
    const rules = parseVerdictRules(
      'minRocAuc: 0.6\ncalibrationRatio: {to: 1.5}\nprofit: {goalValue: 40, contactCost: 1}',
    );
    expect(rules).toEqual({
      ...DEFAULT_VERDICT_RULES,
      minRocAuc: 0.6,
      calibrationRatio: { from: 0.8, to: 1.5 },
      profit: { goalValue: 40, contactCost: 1, capacity: 1 },
    });
  });

  it.each([
    ['minRocAuc: high', [['minRocAuc', 'high']]],
    ['minRocAuc: .nan', [['minRocAuc', NaN]]],
    ['nonInferiority: -0.1', [['nonInferiority', -0.1]]],
    ['maxBytes: 1.5', [['maxBytes', 1.5]]],
    ['staleAfter: 0.5', [['staleAfter', 0.5]]],
    ['calibrationRatio: {from: 2}', [['calibrationRatio', { from: 2 }]]],
    [
      'profit: {goalValue: 0}',
      [
        ['profit.goalValue', 0],
        ['profit.contactCost', undefined],
      ],
    ],
    [
      'minAuc: 0.6\nfreshAfterDays: 0',
      [
        ['freshAfterDays', 0],
        ['minAuc', 0.6],
      ],
    ],
    ['- 1', [['rules.yaml', [1]]]],
  ])('are refused by field and value: %s', (text, faults) => {
    expect(faultsOf(text)).toEqual(faults);
  });

  it('say what to do', () => {
    expect(() => parseVerdictRules('minRocAuc: high')).toThrow(/minRocAuc = "high": give an AUC from 0 to 1/);
    expect(() => parseVerdictRules('a: 1')).toThrow(/a = 1: remove it: no such rule/);
    expect(() => parseVerdictRules('a: [', 'verdict.yaml')).toThrow(/verdict.yaml = .*: correct the YAML/s);
  });
});
