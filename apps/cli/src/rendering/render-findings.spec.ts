import type { RunFinding } from '@factory/fleet';
import { Output } from './output';
import { renderFindings } from './render-findings';

describe('the findings of a run', () => {
  const finding: RunFinding = {
    ...{ stage: 'data-prep', code: 'rows-low', severity: 'stop', figure: 0.4912, limit: 0.67 },
    words: 'The 7 new days have 49.1 % of the visits that their weekdays usually have.',
  };
  const lines = (...findings: RunFinding[]): string[] =>
    renderFindings(findings, new Output(process.stdout, process.stderr))
      .split('\n')
      .map((line) => line.replaceAll(/ {2,}/g, ' | '));

  it('are shown with figure, limit and words, and who has overruled them', () => {
    const overruled = { reason: 'closed for a week', by: 'ann' };
    const table = { code: 'table-outage', column: 'agg_pages', overruled } as const;
    expect(lines(finding, { ...finding, ...table })).toEqual([
      expect.stringMatching(/^CHECK \| MEANS \| FIGURE \| LIMIT \| FINDING/),
      expect.stringMatching(/^rows-low \| stop \| 0\.491 \| 0\.670 \| The 7 new days/),
      expect.stringMatching(/^table-outage agg_pages \| overruled \| .* Overruled by ann: closed for a week/),
    ]);
  });

  it('are no section where there is none', () => {
    expect(renderFindings([], new Output(process.stdout, process.stderr))).toBe('');
  });
});
