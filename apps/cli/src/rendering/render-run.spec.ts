import { searchReport, type RunReport } from '@factory/fleet';
import { Output } from './output';
import { searchText, trialsText } from './render-run';

const trials = [2, 2, 6, 50].map((epochsRun) => ({ epochsRun }));

describe('the trials of a run', () => {
  const { stdout, stderr } = process;
  const settings = {
    node1: 64,
    node2: 32,
    dropout1: 0.2,
    dropout2: 0.5,
    optimizer: 'adam',
    learningRate: 0.001,
  };
  const network = {
    ...{ trial: 1, status: 'done', family: 'network', epochsRun: 12 },
    settings: { ...settings, batchSize: 256, epochs: 50 },
  };
  const constant = { trial: 2, status: 'failed', family: 'constant', settings: { value: 0.5, of: ['a'] } };
  const lines = (...trials: readonly object[]): string[][] =>
    trialsText(
      { trials: trials as unknown as RunReport['trials'], winner: 1, search: null },
      new Output(stdout, stderr),
    )
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/));

  it('show the settings of networks in columns of their own', () => {
    const [head, row] = lines(network);
    expect(head?.slice(0, 6)).toEqual(['#', 'NODES', 'DROPOUT', 'OPTIMIZER', 'BATCH', 'EPOCHS']);
    expect(row?.slice(0, 6)).toEqual(['1', '64, 32', '0.2, 0.5', 'adam 0.001', '256', '12/50']);
  });

  it('show the settings of any other family in words', () => {
    const [head, first, second] = lines(network, constant);
    expect(head).toContain('SETTINGS');
    expect(first).toContain('64, 32');
    expect(second).toContain('constant, value 0.5, of ["a"]');
  });
});

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
