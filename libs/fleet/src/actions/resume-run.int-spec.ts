import { FactoryError } from '@factory/domain';
import { Runs, auditOf } from '@factory/ledger';
import { SpecFleet, change, prepared } from '../spec-fleet';
import { cancelRun } from './cancel-runs';
import { resumeRun } from './resume-run';

let fleet: SpecFleet;
beforeAll(async () => {
  fleet = await SpecFleet.open();
});
beforeEach(() => {
  fleet.announced.length = fleet.stopped.length = 0;
});
afterAll(() => fleet?.close());

const runs = () => new Runs(fleet.ledger, 'spec');
const fault = new FactoryError('broken-by-spec', 'it will not go away', false);

describe('resuming a run', () => {
  it('that failed goes on from the stage that was not done, with fresh attempts and a new event', async () => {
    const run = await fleet.startRun('resume');
    await fleet.did(run, 'data-prep', prepared);
    await fleet.failed(run, 'sampling', fault);
    expect(await runs().find(run)).toMatchObject({ outcome: 'failed', reason: 'broken-by-spec' });

    const resumed = await resumeRun(fleet, run.slice(0, 13), change);
    expect(resumed).toEqual({ run, events: [{ event: 'data.prepared', shard: '0', generation: 1 }] });
    expect(fleet.announced).toMatchObject([{ event: 'data.prepared', generation: 1 }]);
    expect(await runs().find(run)).toMatchObject({ outcome: null, reason: null });
    expect((await runs().stages(run)).map(({ stage, status, attempt }) => [stage, status, attempt])).toEqual([
      ['data-prep', 'done', 0],
      ['sampling', 'queued', 0],
    ]);
    expect(await auditOf(fleet.ledger, run)).toMatchObject([{ ...change, action: 'resume' }]);
  });

  it('that was cancelled goes on as well', async () => {
    const run = await fleet.startRun('resume-cancelled');
    await cancelRun(fleet, run, change);
    fleet.announced.length = 0;
    expect((await resumeRun(fleet, run, change)).events).toMatchObject([{ event: 'run.queued' }]);
    expect(fleet.announced).toMatchObject([{ event: 'run.queued' }]);
  });

  it('is refused while it goes on, when it ended well, and beside another of its product', async () => {
    const key = fleet.newKey();
    const first = await fleet.startRun('resume-first', key);
    await expect(resumeRun(fleet, first, change)).rejects.toMatchObject({ code: 'run-not-resumable' });
    await cancelRun(fleet, first, change);
    const second = await fleet.startRun('resume-second', key);
    await expect(resumeRun(fleet, first, change)).rejects.toMatchObject({ code: 'already-running' });
    await fleet.end(second, 'kept', 'not better');
    await expect(resumeRun(fleet, second, change)).rejects.toMatchObject({ code: 'run-not-resumable' });
    expect(fleet.announced.filter(({ event }) => event !== 'run.finished')).toEqual([]);
  });
});
