import { searchReport } from './search-report';

describe('the cost of a search', () => {
  const trials = [2, 2, 6, 50].map((epochsRun) => ({ epochsRun }));

  it('is counted against the whole grid, whose epochs are the policy’s', () => {
    expect(searchReport({ grid: 'quick', policy: { search: 'asha' } }, trials)).toEqual({
      search: 'asha',
      trials: 4,
      gridTrials: 4,
      epochsTrained: 60,
      epochsOfGrid: 200,
    });
    const random = { search: 'random', searchTrials: 2, epochs: 30 };
    expect(
      searchReport({ grid: 'standard', policy: random }, [{ epochsRun: 9 }, { epochsRun: null }]),
    ).toEqual({
      search: 'random',
      trials: 2,
      gridTrials: 24,
      epochsTrained: 9,
      epochsOfGrid: 720,
    });
  });

  it('is absent before a trial is recorded, and for an unknown grid', () => {
    expect(searchReport({ grid: 'quick', policy: {} }, [])).toBeNull();
    expect(searchReport({ grid: 'colossal', policy: {} }, trials)).toBeNull();
  });

  it('is absent where the search or the epochs are known to a later release only', () => {
    expect(searchReport({ grid: 'quick', policy: { search: 'hyperband' } }, trials)).toBeNull();
    expect(searchReport({ grid: 'quick', policy: { epochs: 'until it is good' } }, trials)).toBeNull();
  });
});
