import { reachVerdict, type VerdictInput } from './verdict';

const verdictOf = (input: Partial<VerdictInput>) =>
  reachVerdict({ challengerLogLoss: 0.2, championLogLoss: 0.3, judgingGoals: 100, ...input });

describe('the verdict', () => {
  test.each<[string, Partial<VerdictInput>, string, string]>([
    ['the first challenger is promoted', { championLogLoss: null }, 'promote', 'no-champion'],
    ['a lower log-loss is promoted', {}, 'promote', 'lower-log-loss'],
    ['a higher one is kept out', { challengerLogLoss: 0.4 }, 'keep', 'worse'],
    ['an equal one is no reason to change', { challengerLogLoss: 0.3 }, 'keep', 'worse'],
    ['scores that are not numbers are rejected', { challengerLogLoss: null }, 'reject', 'finite-scores'],
    ['no goal to judge by: rejected', { judgingGoals: 0 }, 'reject', 'goals-to-judge-by'],
    ['one goal is enough', { judgingGoals: 1 }, 'promote', 'lower-log-loss'],
    [
      'the first challenger too needs numbers',
      { challengerLogLoss: null, championLogLoss: null },
      'reject',
      'finite-scores',
    ],
    [
      'of two failed rules the first decides',
      { challengerLogLoss: null, judgingGoals: 0 },
      'reject',
      'finite-scores',
    ],
  ])('%s', (_rule, input, decision, decisive) => {
    expect(verdictOf(input)).toMatchObject({ decision, decisive });
  });

  it('names each rule that was asked, with figure, limit and result', () => {
    expect(verdictOf({ challengerLogLoss: 0.4 }).reasons).toEqual([
      { rule: 'finite-scores', figure: 0.4, limit: 'finite', result: 'passed' },
      { rule: 'goals-to-judge-by', figure: 100, limit: 1, result: 'passed' },
      { rule: 'lower-log-loss', figure: 0.4, limit: 0.3, result: 'failed' },
    ]);
    expect(verdictOf({ challengerLogLoss: null, judgingGoals: 0 }).reasons).toEqual([
      { rule: 'finite-scores', figure: null, limit: 'finite', result: 'failed' },
      { rule: 'goals-to-judge-by', figure: 0, limit: 1, result: 'failed' },
    ]);
  });
});
