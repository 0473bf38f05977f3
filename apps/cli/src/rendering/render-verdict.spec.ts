import type { VerdictReport } from '@factory/fleet';
import { Output } from './output';
import { renderVerdict } from './render-verdict';

const nowhere = { write: () => true };
const out = new Output(nowhere, nowhere);
const verdict: VerdictReport = {
  decision: 'promote',
  decisive: 'stale',
  words: 'Promoted without proof: the champion is stale.',
  warnings: ['Scoring a row takes 60 ms; up to 50 ms are expected.'],
  alerts: ['Promoted without proof: the champion is stale.'],
  reasons: [
    { rule: 'ranks', figure: 0.8, limit: 0.55, result: 'passed', words: 'ROC-AUC is 0.8.' },
    { rule: 'better', figure: 0.01, limit: 0, result: 'failed', words: 'Log-loss differs by 1 %.' },
    {
      rule: 'profit',
      figure: null,
      limit: null,
      result: 'skipped',
      words: 'No rule says what a goal is worth.',
    },
  ],
};

describe('a verdict', () => {
  it('is told in sentences: what was decided, what to look at, and every rule', () => {
    expect(renderVerdict(verdict, out).split('\n')).toEqual([
      'promote, stale',
      'Promoted without proof: the champion is stale.',
      'alert: Promoted without proof: the champion is stale.',
      'warning: Scoring a row takes 60 ms; up to 50 ms are expected.',
      'passed   ranks   ROC-AUC is 0.8.',
      'failed   better  Log-loss differs by 1 %.',
      'skipped  profit  No rule says what a goal is worth.',
    ]);
  });

  it('of a release whose rules said no sentences is a table of its figures', () => {
    const older = {
      ...verdict,
      ...{ decisive: null, words: null, warnings: [], alerts: [] },
      reasons: [{ rule: 'lower-log-loss', figure: 0.2, limit: 0.3, result: 'passed' }],
    };
    expect(renderVerdict(older, out)).toMatch(/^promote\nRULE .*RESULT\nlower-log-loss +0\.2 +0\.3 +passed$/);
    expect(renderVerdict({ ...older, reasons: [] }, out)).toBe('promote');
  });
});
