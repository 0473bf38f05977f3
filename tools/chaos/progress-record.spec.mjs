import { ProgressRecord } from './progress-record.mjs';
import { watchChecks } from './watch-checks.mjs';

/** @import { SeenUnit } from './progress-record.mjs' */

/**
 * @param {Partial<SeenUnit>} more
 * @returns {SeenUnit}
 */
const unit = (more = {}) => ({
  ...{ run: 'a', stage: 'evaluator', shard: '0', status: 'queued', attempt: 0, token: 1, outcome: null },
  ...{
    leaseRenewedAt: null,
    settledAt: null,
    outputHash: '',
    renewedSecondsAgo: null,
    claimedSecondsAgo: null,
  },
  ...more,
});
const RUN = { run: 'a', outcome: null, reason: null, finishedAt: null };
/** Just renewed. @param {string} run */
const inWork = (run) => unit({ run, status: 'leased', renewedSecondsAgo: '2.5', claimedSecondsAgo: '30.5' });

describe('a record of progress', () => {
  it('counts the time that queued work was idle although its service had a free slot', () => {
    const record = new ProgressRecord();
    for (let look = 0; look < 4; look++) record.look([RUN], [unit()], 10);
    expect(record.longest.inAll).toEqual({
      seconds: 30,
      unit: 'a evaluator/0 (queued, attempt 0, token 1)',
    });
  });

  it('does not count waiting behind others: one process of an evaluator has one slot', () => {
    const record = new ProgressRecord();
    for (let look = 0; look < 4; look++) record.look([RUN], [unit(), inWork('b')], 10);
    expect(record.longest.inAll.unit).not.toMatch(/^a /);
  });

  it('starts again with each renewal, claim and attempt', () => {
    const record = new ProgressRecord();
    for (let token = 1; token < 5; token++) record.look([RUN], [unit({ token })], 10);
    for (let second = 1; second < 5; second++)
      record.look([RUN], [unit({ status: 'leased', leaseRenewedAt: new Date(1_000 * second) })], 10);
    expect(record.longest.inAll.seconds).toBe(0);
  });

  it('counts from the moment a server is available again', () => {
    const record = new ProgressRecord();
    for (let look = 0; look < 4; look++) record.look([RUN], [unit()], 10);
    record.forgetStandstills();
    record.look([RUN], [unit()], 10);
    expect(record.longest.afterReturn.seconds).toBe(30);
    expect(record.longest.inAll.seconds).toBe(40);
  });

  it('contains the longest claim of renewed work', () => {
    const record = new ProgressRecord();
    record.look([RUN], [inWork('a')], 1);
    expect(record.longest.claim.seconds).toBe(30.5);
  });

  it('finds a changing result, a changing end, and a run without work in two consecutive looks', () => {
    const record = new ProgressRecord();
    const finishedAt = new Date(0);
    const look = (/** @type {string} */ outputHash, /** @type {string | null} */ outcome) =>
      record.look(
        [{ ...RUN, outcome, reason: 'first-model', finishedAt: outcome ? finishedAt : null }],
        [unit({ status: 'done', settledAt: finishedAt, outputHash, outcome })],
        1,
      );
    look('one', null);
    expect(record.violations).toEqual([]);
    look('one', null);
    expect(record.violations).toEqual(['run a is in progress without open work']);
    look('two', 'published');
    look('two', 'kept');
    expect(record.violations.slice(1)).toEqual([
      'the result of a evaluator/0 changed: done 1 one 1970-01-01T00:00:00.000Z -> done 1 two 1970-01-01T00:00:00.000Z',
      'the end of run a changed: published (first-model) 1970-01-01T00:00:00.000Z -> kept (first-model) 1970-01-01T00:00:00.000Z',
    ]);
  });

  it('does not report a run without work after a single look', () => {
    const record = new ProgressRecord();
    for (const status of ['done', 'queued', 'done', 'leased'])
      record.look([RUN], [unit({ stage: status === 'done' ? 'sampling' : 'evaluator', status })], 1);
    expect(record.violations).toEqual([]);
  });
});

describe('checks of the progress record', () => {
  const quiet = { seconds: 60, unit: 'a' };
  const LONGEST = { afterReturn: quiet, inAll: quiet, claim: { seconds: 120, unit: 'a' } };
  /**
   * @param {Partial<ConstructorParameters<typeof Object>[0]>} more
   * @param {readonly {name: string, crashes: readonly string[]}[]} services
   */
  const brokenRules = (more, services = []) =>
    watchChecks({ violations: [], longest: LONGEST, ...more }, services).filter(
      ({ faults }) => faults.length > 0,
    );

  it('pass at their limits', () => {
    expect(brokenRules({})).toEqual([]);
  });

  it('fail beyond them', () => {
    const longest = {
      ...LONGEST,
      afterReturn: { seconds: 60.1, unit: 'a' },
      claim: { seconds: 121, unit: 'b' },
    };
    expect(brokenRules({ longest }).flatMap(({ faults }) => faults)).toEqual(['60.1 s: a', '121.0 s: b']);
  });

  it('fail after a change and after a crash', () => {
    const services = [{ name: 'sampling', crashes: ['out of memory'] }];
    expect(brokenRules({ violations: ['changed'] }, services).flatMap(({ faults }) => faults)).toEqual([
      'changed',
      'sampling: out of memory',
    ]);
  });
});
