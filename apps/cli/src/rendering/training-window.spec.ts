import type { WindowMessage } from '@factory/contracts';
import { windowNote, windowText } from './training-window';

const window: WindowMessage = {
  start: '2024-01-02T00:00:00.000Z',
  trainEnd: '2024-05-14T00:00:00.000Z',
  end: '2024-05-21T00:00:00.000Z',
  days: 133,
  sales: 10_204,
  rangeStart: '2022-03-14T00:00:00.000Z',
  reason: 'volume',
  passed: { days: 30, sales: 10_000 },
};

describe('the training window for people', () => {
  it.each<[string, WindowMessage | undefined, string]>([
    ['part of the range', window, '2024-01-02 to 2024-05-13, 133 of 792 days'],
    ['the whole range', { ...window, rangeStart: window.start }, '2024-01-02 to 2024-05-13, 133 days'],
    [
      'of a run from before ranges were recorded',
      { ...window, rangeStart: undefined },
      '2024-01-02 to 2024-05-13, 133 days',
    ],
    ['of a source without times', { ...window, noTime: true }, 'every visit: no time, no out-of-time part'],
    ['of a run that had none', undefined, ''],
  ])('%s', (_, one, text) => {
    expect(windowText(one)).toBe(text);
  });

  it('says why it is shorter than the requested range, and how to widen it', () => {
    const note = windowNote([{ ...window, rangeStart: window.start }, window], '7 --source main --goal sale');
    expect(note).toContain('more than 10,000 sales in more than 30 days');
    expect(note).toContain('`factory retrain --window all`');
    expect(note).toContain('`factory policy set 7 --source main --goal sale window=all`');
  });

  it('says nothing if every window is the whole range', () => {
    expect(windowNote([{ ...window, rangeStart: window.start, reason: 'all' }])).toBe('');
    expect(windowNote([])).toBe('');
  });
});
