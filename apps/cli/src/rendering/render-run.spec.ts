import { searchReport } from '@factory/fleet';
import { searchText } from './render-run';

const trials = [2, 2, 6, 50].map((epochsRun) => ({ epochsRun }));

describe('the cost of a search', () => {
  it('is a line below the trials', () => {
    expect(searchText(searchReport({ grid: 'standard', policy: { search: 'asha' } }, trials))).toBe(
      'search asha: 4 of 24 combinations tried, 60 epochs trained of the 1,200 that the whole grid may take (5 %)',
    );
  });

  it('is left out where no trial is recorded', () => {
    expect(searchText(null)).toBe('');
  });
});
