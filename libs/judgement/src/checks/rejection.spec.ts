import type { CheckFinding } from './finding';
import { rejectionOf } from './rejection';

const key = { source: 'main', product: 7, goal: 'sale' };
const found = (column: string, more: Partial<CheckFinding> = {}): CheckFinding => ({
  ...{ code: 'shift', severity: 'stop', figure: 1, limit: 0.5, column, words: `${column} has moved.` },
  ...more,
});

describe('the end of a run that its data stops', () => {
  it('has the codes, what was found, and how to overrule each check once', () => {
    expect(
      rejectionOf(key, [found('a'), found('b'), found('c', { code: 'level-new', words: 'c is new.' })]),
    ).toEqual({
      outcome: 'rejected',
      reason: 'shift, level-new',
      details: {
        message:
          'a has moved. b has moved. c is new. Correct the data and request the run again; or, if it is right as it is: ' +
          '`factory retrain --product 7 --source main --goal sale --overrule shift --overrule level-new --reason "..."`',
      },
    });
  });

  it('counts what it has no room for', () => {
    const end = rejectionOf(
      key,
      Array.from({ length: 9 }, (_, at) => found(`c${at}`)),
    );
    expect(end?.details.message).toMatch(/c4 has moved\. And 4 more\. Correct/);
  });

  it('is none where findings warn or are overruled', () => {
    const overruled = { reason: 'known', by: 'ann' };
    expect(rejectionOf(key, [found('a', { severity: 'warn' }), found('b', { overruled })])).toBeUndefined();
  });
});
