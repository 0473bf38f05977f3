import { SpecLedger, draft, request, result, runOf } from '../spec-ledger';
import type { StoredEvent } from './event-drafts';
import type { ConsumerPosition } from './orphans';

const STREAM = '2023-01-01T00:00:00.123456789Z';
/** The consumer is at 100; the stream contains 10 to 200. */
const position: ConsumerPosition = {
  durable: 'data-prep',
  ackFloor: 100,
  streamCreated: STREAM,
  firstSequence: 10,
  lastSequence: 200,
};

describe('orphans', () => {
  let ledger: SpecLedger;

  beforeAll(async () => {
    ledger = await SpecLedger.open();
  });

  beforeEach(async () => {
    for (const table of [
      'factory_request',
      'factory_request_run',
      'factory_run',
      'factory_stage',
      'factory_event',
    ])
      await ledger.change(`DELETE FROM ${table}`);
  });

  afterAll(() => ledger.close());

  /** A queued run whose event is at `sequence`, published an hour ago. */
  async function lying(
    sequence: number | null,
    streamCreated = STREAM,
  ): Promise<{ run: string; event: StoredEvent }> {
    const run = await ledger.startRun();
    const [event] = await ledger.log.unpublished(run);
    if (!event) throw new RangeError('an event was expected');
    if (sequence !== null) await ledger.log.markPublished(event, { sequence, streamCreated });
    await ledger.ageEvents();
    return { run, event };
  }

  const found = async (at: Partial<ConsumerPosition> = {}): Promise<string[]> =>
    (await ledger.orphans.ofConsumer({ ...position, ...at })).map(({ run }) => run);

  it.each([
    ['was never published', null, STREAM],
    ['is below the consumer’s acknowledgement floor', 100, STREAM],
    ['has aged out of the stream', 9, STREAM],
    ['is beyond the end of a stream that lost its end', 201, STREAM],
    ['is in a stream that was recreated', 150, '2022-01-01T00:00:00Z'],
  ])('are units of work whose event %s', async (_, sequence, created) => {
    const { run } = await lying(sequence, created);
    expect(await found({ ackFloor: sequence === 9 ? 5 : 100 })).toEqual([run]);
  });

  it('are not units that are queued, however long', async () => {
    await lying(101);
    await lying(200);
    expect(await found()).toEqual([]);
  });

  it('are not units that were written just now: their message is in transit', async () => {
    await ledger.startRun();
    expect(await found()).toEqual([]);
  });

  it('are not units of another consumer', async () => {
    await lying(50);
    expect(await found({ durable: 'sampling' })).toEqual([]);
  });

  it('are not leased units, until the lease has expired', async () => {
    const { run } = await lying(50);
    const claim = await ledger.claimed(run);
    expect(await found()).toEqual([]);
    await ledger.expire(claim);
    expect(await found()).toEqual([run]);
  });

  it('are not units that are done, planned, or of a run that is over', async () => {
    const { run: done } = await lying(50);
    await ledger.did(done, 'data-prep', result());
    const { run: over } = await lying(50);
    await ledger.runs.cancel(over, { who: 'spec', reason: '' });
    await ledger.ageEvents();
    expect(await found()).toEqual([]);
  });

  it('of a pool belong to the consumer of the pool', async () => {
    const { run } = await lying(50);
    await ledger.did(run, 'data-prep', result({ ...draft('trials.queued', 'g000'), pool: 'gpu' }));
    await ledger.ageEvents();
    expect(await found({ durable: 'trainer-default' })).toEqual([]);
    expect(await found({ durable: 'trainer-gpu' })).toEqual([run]);
  });

  it('are taken by one process: raising the generation twice returns the event once', async () => {
    const { run, event } = await lying(50);
    const raised = await Promise.all([event, event].map((one) => ledger.log.raiseGeneration(one)));
    const [winner, ...others] = raised.filter((one) => one !== undefined);
    expect(others).toEqual([]);
    expect(winner).toMatchObject({ generation: 1, messageId: `${run}/run.queued/0/1` });
    expect(await ledger.log.unpublished(run)).toMatchObject([{ generation: 1 }]);
    expect(await found()).toEqual([]);
    await ledger.log.markPublished(event, { sequence: 1, streamCreated: STREAM });
    expect(await ledger.log.unpublished(run)).toHaveLength(1);
  });

  it('that recur are announced at growing intervals', async () => {
    const { run } = await lying(50);
    await ledger.change(
      'UPDATE factory_event SET generation = 12, touched_at = UTC_TIMESTAMP(6) - INTERVAL 5 MINUTE',
    );
    expect(await found()).toEqual([]);
    await ledger.ageEvents();
    await ledger.ageEvents();
    expect(await found()).toEqual([run]);
  });

  it('among announcements are those that were committed and never published', async () => {
    const { run } = await lying(50);
    await ledger.commits.end(run, { outcome: 'kept', reason: 'worse' });
    expect(await ledger.orphans.announcements()).toEqual([]);
    await ledger.ageEvents();
    const [event, ...more] = await ledger.orphans.announcements();
    expect(event).toMatchObject({ run, event: 'run.finished' });
    expect(more).toEqual([]);
  });

  it('past their deadline are runs with too much work time, not those that waited', async () => {
    const run = await ledger.startRun({ deadlineSeconds: 100 });
    const patient = await ledger.startRun({ deadlineSeconds: 1000 });
    const waiting = await ledger.startRun({ deadlineSeconds: 1 });
    await ledger.change('UPDATE factory_run SET created_at = created_at - INTERVAL 1 DAY WHERE run_id = ?', [
      waiting,
    ]);
    await ledger.change('UPDATE factory_stage SET claimed_seconds = 101 WHERE run_id IN (?, ?)', [
      run,
      patient,
    ]);
    expect((await ledger.orphans.deadlines()).past).toEqual([run]);
    await ledger.commits.end(run, { outcome: 'failed', reason: 'deadline-exceeded' });
    expect((await ledger.orphans.deadlines()).past).toEqual([]);
    await ledger.runs.resume(run, { who: 'spec', reason: 'give it as much again' });
    expect((await ledger.orphans.deadlines()).past).toEqual([]);
    await ledger.change('UPDATE factory_stage SET claimed_seconds = 201 WHERE run_id = ?', [run]);
    expect((await ledger.orphans.deadlines()).past).toEqual([run]);
  });

  it.each([
    '{"deadlineSeconds": null}',
    '{"deadlineSeconds": 0}',
    '{"deadlineSeconds": "none"}',
    '[1]',
    'NaN',
  ])('with a deadline that cannot be read (policy %s) are named and left alone', async (policy) => {
    const run = await ledger.startRun({ deadlineSeconds: 100 });
    await ledger.change('UPDATE factory_run SET policy = ? WHERE run_id = ?', [policy, run]);
    await ledger.change('UPDATE factory_stage SET claimed_seconds = 1e6 WHERE run_id = ?', [run]);
    expect(await ledger.orphans.deadlines()).toEqual({ past: [], unreadable: [run] });
  });

  it('past their deadline do not need the rest of their policy to be known', async () => {
    const run = await ledger.startRun();
    const policy = '{"grid": "huge", "deadlineSeconds": 100, "calibration": "isotonic"}';
    await ledger.change('UPDATE factory_run SET policy = ? WHERE run_id = ?', [policy, run]);
    await ledger.change('UPDATE factory_stage SET claimed_seconds = 101 WHERE run_id = ?', [run]);
    expect(await ledger.orphans.deadlines()).toEqual({ past: [run], unreadable: [] });
  });

  it('are searched by one process at a time per ledger', async () => {
    const elsewhere = await SpecLedger.open();
    try {
      let inside: boolean[] = [];
      const did = await ledger.orphans.alone(async () => {
        inside = [
          await ledger.orphans.alone(() => Promise.resolve()),
          await elsewhere.orphans.alone(() => Promise.resolve()),
        ];
      });
      expect([did, ...inside]).toEqual([true, false, true]);
      await expect(
        ledger.orphans.alone(() => Promise.reject(new RangeError('in the middle'))),
      ).rejects.toThrow('in the middle');
      expect(await ledger.orphans.alone(() => Promise.resolve())).toBe(true);
    } finally {
      await elsewhere.close();
    }
  });

  it('are found in a large fleet without reading finished work', async () => {
    await ledger.requests.take(
      request(
        'fleet',
        Array.from({ length: 400 }, (_, at) => at + 1),
      ),
    );
    await ledger.change('UPDATE factory_event SET stream_sequence = 150, stream_created = ?', [STREAM]);
    await ledger.ageEvents();
    const lost = runOf('fleet', 7);
    await ledger.change('UPDATE factory_event SET stream_sequence = 3 WHERE run_id = ?', [lost]);
    const before = ledger.statements;
    expect(await found()).toEqual([lost]);
    expect(ledger.statements - before).toBe(1);
  });
});
