/* eslint-disable no-control-regex -- the view moves the cursor */
import type { RunStanding } from '@factory/ledger';
import { LiveView, runLine } from './live-view';
import { Output, type TextStream } from './output';

const standing = (product: number, given: Partial<RunStanding> = {}): RunStanding => ({
  run: `0000000${product}-0000-5000-8000-000000000000`,
  source: 'main',
  product,
  goal: 'sale',
  grid: 'quick',
  stage: 'sampling',
  working: true,
  waiting: null,
  outcome: null,
  reason: null,
  details: null,
  trialsSettled: 0,
  trialsTotal: 4,
  best: null,
  ...given,
});

function viewOn(terminal: Partial<TextStream>) {
  const written: string[] = [];
  const stream: TextStream = { write: (text) => written.push(text) > 0, ...terminal };
  let at = 0;
  const view = new LiveView(new Output(stream, stream), 0, () => at);
  const show = (ms: number, ...runs: RunStanding[]): void => {
    at = ms;
    view.show({ runs, progress: new Map() });
  };
  return { view, written, show };
}

describe('the live view', () => {
  it('redraws in place on a terminal, active runs first, no longer than the screen', () => {
    const { written, show } = viewOn({ isTTY: true, columns: 40, rows: 7 });
    const ended = standing(1, { outcome: 'kept' });
    show(1_000, ended, standing(2));
    expect(written[0]).toBe(
      '\r\u001b[J1 of 2 runs ended  1.0 s\nmain/sale/2 00000002  sampling\nmain/sale/1 00000001  kept\n',
    );
    show(2_000, ended, standing(2), standing(3), standing(4), standing(5));
    expect(written[1]).toMatch(/^\u001b\[3A\r\u001b\[J1 of 5 runs ended/);
    expect(written[1]?.split('\n')).toHaveLength(6);
    expect(written[1]).toContain('and 2 more');
    expect(
      written[1]?.split('\n').every((line) => line.replace(/^\u001b\[3A\r\u001b\[J/, '').length <= 40),
    ).toBe(true);
  });

  it('says once what a request is waiting for', () => {
    const { view, written } = viewOn({});
    const waiting = { source: 'shop', since: new Date(Date.UTC(2023, 3, 1)), refused: false };
    const waits = { runs: [], progress: new Map(), waiting };
    view.show(waits);
    view.show({ ...waits, waiting: { ...waiting } });
    expect(written).toEqual([
      'the request waits: source shop is unavailable since 2023-04-01 00:00:00 UTC\n',
    ]);
  });

  it('prints a line per change into a pipe, and trials at most every ten seconds', () => {
    const { written, show } = viewOn({});
    show(0, standing(1));
    show(1_000, standing(1));
    show(2_000, standing(1, { stage: 'trials', trialsSettled: 1 }));
    show(3_000, standing(1, { stage: 'trials', trialsSettled: 2 }));
    show(12_000, standing(1, { stage: 'trials', trialsSettled: 3 }));
    show(12_500, standing(1, { stage: 'publisher', outcome: 'published' }));
    expect(written.map((line) => line.trim().slice('main/sale/1 00000001  '.length))).toEqual([
      'sampling',
      'trials  trials 1/4',
      'trials  trials 3/4',
      'published',
    ]);
  });
});

describe('the line of a run', () => {
  it("shows stage, trials done, the best so far, and the worker's message", () => {
    const run = standing(7, { stage: 'trials', trialsSettled: 3, best: 0.0523456 });
    const saying = {
      run: run.run,
      stage: 'trials',
      at: '2024-01-01T00:00:00Z',
      doing: 'trial 4, epoch 9',
    } as const;
    expect(runLine(run, saying)).toBe(
      'main/sale/7 00000007  trials  trials 3/4  best log-loss 0.05235  trial 4, epoch 9',
    );
    expect(runLine(run, { ...saying, stage: 'sampling' })).not.toContain('epoch');
    const since = new Date('2023-04-01T10:20:30Z');
    const waiting = (refused: boolean) => ({ working: false, waiting: { source: 'main', since, refused } });
    expect(runLine(standing(7, waiting(false)), undefined)).toBe(
      'main/sale/7 00000007  sampling  waiting: source main is unavailable since 2023-04-01 10:20:30 UTC',
    );
    expect(runLine(standing(7, waiting(true)), undefined)).toContain('source main refuses the account since');
    expect(runLine(standing(7, { working: false }), undefined)).toBe(
      'main/sale/7 00000007  sampling  queued',
    );
    expect(runLine(standing(7, { outcome: 'failed', reason: 'no-data' }), undefined)).toBe(
      'main/sale/7 00000007  failed  (no-data)',
    );
  });
});
