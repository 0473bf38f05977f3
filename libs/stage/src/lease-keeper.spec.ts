import { ServerAwayError } from '@factory/domain';
import { ClaimLostError, type Claim } from '@factory/ledger';
import { LeaseKeeper } from './lease-keeper';

const claim = { run: 'r', stage: 'sampling', shard: '0', token: 1 } as Claim;

describe('a kept lease', () => {
  let now = 0;
  let renew: () => Promise<boolean>;
  let stopping: AbortController;
  let lease: LeaseKeeper;

  beforeEach(() => {
    jest.useFakeTimers();
    now = 0;
    renew = () => Promise.resolve(true);
    stopping = new AbortController();
    lease = new LeaseKeeper({ renew: () => renew() }, claim, stopping.signal, { now: () => now });
  });

  afterEach(() => {
    lease.stop();
    jest.useRealTimers();
  });

  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      now += 1_000;
      await jest.advanceTimersByTimeAsync(1_000);
    }
  };

  it('lasts as long as it is renewed', async () => {
    await pass(300);
    expect(lease.signal.aborted).toBe(false);
    expect(lease.lostBecause).toBeUndefined();
  });

  it('aborts the work at the next heartbeat if another worker has it', async () => {
    await pass(15);
    renew = () => Promise.resolve(false);
    await pass(5);
    expect(lease.signal.reason).toBeInstanceOf(ClaimLostError);
  });

  it('survives a short outage of the database', async () => {
    renew = () => Promise.reject(new ServerAwayError('database'));
    await pass(25);
    renew = () => Promise.resolve(true);
    await pass(60);
    expect(lease.signal.aborted).toBe(false);
  });

  it.each([
    ['fails', () => Promise.reject(new ServerAwayError('database'))],
    ['hangs', () => new Promise<never>(() => undefined)],
  ])('is given up before another worker can take it, if renewal %s', async (_, broken) => {
    await pass(10);
    renew = broken;
    await pass(28);
    expect(lease.signal.aborted).toBe(false);
    await pass(2);
    expect(lease.lostBecause).toMatchObject({ code: 'database-away' });
  });

  it('aborts the work, without being lost, when the service stops', () => {
    stopping.abort(new RangeError('drain'));
    expect(lease.signal.aborted).toBe(true);
    expect(lease.lostBecause).toBeUndefined();
  });

  it('is no longer renewed after the work has ended', async () => {
    let renewals = 0;
    renew = () => Promise.resolve(++renewals > 0);
    lease.stop();
    await pass(60);
    expect(renewals).toBe(0);
  });
});
