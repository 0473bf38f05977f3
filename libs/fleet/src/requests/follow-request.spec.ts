import { ServerAwayError } from '@factory/domain';
import type { RunStanding } from '@factory/ledger';
import { failedRuns, followRequest, skippedRuns, type FollowPorts, type RequestView } from './follow-request';

const standing = (given: Partial<RunStanding> = {}): RunStanding => ({
  run: '3f2a91c0-0000-5000-8000-000000000000',
  source: 'main',
  product: 7,
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

/** Returns the answers one after the other, the last one repeatedly; time advances by the time slept. */
function ports(given: Partial<FollowPorts> & { readonly answers?: (() => RunStanding[])[] }): FollowPorts {
  const answers = given.answers ?? [];
  let turn = 0;
  let at = 0;
  return {
    taken: () => Promise.resolve(true),
    standings: async () => (answers[Math.min(turn++, answers.length - 1)] ?? (() => []))(),
    waiting: () => Promise.resolve(undefined),
    refused: () => Promise.resolve(undefined),
    sleep: (ms) => {
      at += ms;
      return Promise.resolve();
    },
    now: () => at,
    ...given,
  };
}

const options = (views: RequestView[] = [], timeoutSeconds?: number) => ({
  requestId: 'r',
  pollMs: 1_000,
  progress: new Map(),
  show: (view: RequestView) => views.push(view),
  ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
});

describe('waiting for a request', () => {
  it('ends when every run has ended', async () => {
    const ended = standing({ outcome: 'published' });
    const views: RequestView[] = [];
    const runs = await followRequest(
      ports({ answers: [() => [standing()], () => [standing({ stage: 'trials' })], () => [ended]] }),
      options(views),
    );
    expect(runs).toEqual([ended]);
    expect(views.map((view) => view.runs[0]?.stage)).toEqual(['sampling', 'trials', 'sampling']);
  });

  it('waits for a server that is unavailable, and does not treat that as the end', async () => {
    const away = () => {
      throw new ServerAwayError('database');
    };
    const views: RequestView[] = [];
    const ended = standing({ outcome: 'kept' });
    await followRequest(ports({ answers: [() => [ended, standing()], away, () => [ended]] }), options(views));
    expect(views.map((view) => Boolean(view.away))).toEqual([false, true, false]);
    expect(views[1]?.runs).toHaveLength(2);
  });

  it('reports which source a request waits for that cannot be accepted', async () => {
    const views: RequestView[] = [];
    const wait = { source: 'shop', since: new Date(0), refused: false };
    let asked = 0;
    const waiting = ports({
      taken: () => Promise.resolve(++asked > 2),
      waiting: () => Promise.resolve(wait),
      answers: [() => [standing({ outcome: 'kept' })]],
    });
    await followRequest(waiting, options(views));
    expect(views.map((view) => view.waiting)).toEqual([wait, wait, undefined]);
  });

  it('reports why data-prep refused the request', async () => {
    const refused = { code: 'unknown-product', reason: 'productId = 99: use an id of product' };
    const never = ports({ taken: () => Promise.resolve(false), refused: () => Promise.resolve(refused) });
    await expect(followRequest(never, options())).rejects.toMatchObject({
      code: 'unknown-product',
      message: expect.stringContaining('productId = 99') as string,
    });
  });

  it('gives up when its time is over', async () => {
    const going = ports({ answers: [() => [standing()]] });
    await expect(followRequest(going, options([], 3))).rejects.toMatchObject({ code: 'wait-timed-out' });
    expect(going.now()).toBe(3_000);
  });

  it('counts failed and cancelled runs as failures, but no verdict', () => {
    const outcomes = ['published', 'kept', 'skipped', 'rejected', 'failed', 'cancelled'];
    const failed = failedRuns(outcomes.map((outcome) => standing({ outcome })));
    expect(failed.map((run) => run.outcome)).toEqual(['failed', 'cancelled']);
  });

  it.each([
    ['skipped', 'too-few-sales', 1],
    ['skipped', 'no-data', 1],
    ['skipped', 'until-sampling', 0],
    ['kept', 'inconclusive', 0],
    ['published', 'better', 0],
    ['failed', 'no-data', 0],
  ])('%s (%s) counts as skipped without an error: %d', (outcome, reason, count) => {
    expect(skippedRuns([standing({ outcome, reason })])).toHaveLength(count);
  });
});
