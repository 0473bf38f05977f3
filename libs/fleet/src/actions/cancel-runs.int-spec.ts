import { Runs, auditOf } from '@factory/ledger';
import { SpecFleet, change } from '../spec-fleet';
import { cancelRequest, cancelRun } from './cancel-runs';

let fleet: SpecFleet;
beforeAll(async () => {
  fleet = await SpecFleet.open();
});
beforeEach(() => {
  fleet.announced.length = fleet.stopped.length = 0;
});
afterAll(() => fleet?.close());

const runs = () => new Runs(fleet.ledger, 'spec');

describe('cancelling a run', () => {
  it('ends it, says who and why, tells everybody, and has its workers look', async () => {
    const run = await fleet.startRun('cancel');
    expect(await cancelRun(fleet, run.slice(0, 13), change)).toEqual([{ run, result: 'cancelled' }]);
    expect(await runs().find(run)).toMatchObject({ outcome: 'cancelled', reason: 'drift' });
    expect(await auditOf(fleet.ledger, run)).toMatchObject([{ ...change, action: 'cancel', subject: run }]);
    expect(fleet.announced).toMatchObject([{ event: 'run.finished', body: { run, outcome: 'cancelled' } }]);
    expect(fleet.stopped).toEqual([run]);
  });

  it('that has ended changes and tells nothing', async () => {
    const run = await fleet.startRun('cancel-late');
    await fleet.end(run, 'kept', 'not better');
    expect(await cancelRun(fleet, run, change)).toEqual([{ run, result: 'had-ended' }]);
    expect(await runs().find(run)).toMatchObject({ outcome: 'kept' });
    expect(await auditOf(fleet.ledger, run)).toEqual([]);
    expect([fleet.announced, fleet.stopped]).toEqual([[], []]);
  });

  it('that is not there is refused', async () => {
    await expect(cancelRun(fleet, 'ffffffff', change)).rejects.toMatchObject({ code: 'unknown-run' });
  });
});

describe('cancelling a request', () => {
  it('ends those of its runs that are in flight', async () => {
    const keys = [fleet.newKey(), fleet.newKey(), fleet.newKey()];
    const ids = await fleet.take('cancel-all', keys);
    await fleet.end(ids[1]!, 'skipped', 'too-few-sales');
    const results = await cancelRequest(fleet, 'cancel-all', change);
    expect(new Map(results.map(({ run, result }) => [run, result]))).toEqual(
      new Map([
        [ids[0], 'cancelled'],
        [ids[1], 'had-ended'],
        [ids[2], 'cancelled'],
      ]),
    );
    expect(new Set(fleet.stopped)).toEqual(new Set([ids[0], ids[2]]));
    expect(fleet.announced).toHaveLength(2);
  });

  it('that nobody took is refused', async () => {
    await expect(cancelRequest(fleet, 'never', change)).rejects.toMatchObject({ code: 'unknown-request' });
  });
});
