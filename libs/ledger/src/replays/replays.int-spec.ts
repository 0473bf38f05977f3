import { FactoryError } from '@factory/domain';
import { auditOf } from '../policies/audit';
import { SpecLedger, draft, request, result, runOf } from '../spec-ledger';
import { MAX_ATTEMPTS } from '../stages/claim-decision';
import { Replays, type ReplayedLetter } from './replays';

const change = { who: 'ann', reason: 'the disk is free again' };
const fault = new FactoryError('disk-full', 'no space left', true);

describe('a dead letter whose attempts are used up', () => {
  let ledger: SpecLedger;
  let replays: Replays;
  let sequence = 0;

  beforeAll(async () => {
    ledger = await SpecLedger.open();
    replays = new Replays(ledger.dataSource);
  });
  afterAll(() => ledger.close());

  const letter = (given: Partial<ReplayedLetter> = {}): ReplayedLetter => ({
    sequence: ++sequence,
    streamCreated: '2023-01-01T00:00:00Z',
    subject: 'factory.data.prepared.main.7',
    code: 'disk-full',
    ...given,
  });

  /** Uses up every attempt of a unit. */
  async function exhaust(run: string, stage: string, shard = '0'): Promise<void> {
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++)
      await ledger.commits.fail(await ledger.claimed(run, stage, shard), fault);
    expect(await ledger.commits.fail(await ledger.claimed(run, stage, shard), fault)).toMatchObject({
      kind: 'ended',
      dead: true,
    });
  }

  /** A run that failed at sampling. */
  async function failed(): Promise<string> {
    const run = await ledger.startRun();
    await ledger.did(run, 'data-prep', result(draft('data.prepared')));
    await exhaust(run, 'sampling');
    return run;
  }
  const sampling = (run: string) => ({ run, stage: 'sampling', shard: '0' });

  it('reopens its work with fresh attempts under a new message id, and records by whom and why', async () => {
    const run = await failed();
    const replayed = letter();
    const events = await replays.reopen(replayed, sampling(run), change);
    expect(events.map(({ messageId }) => messageId)).toEqual([`${run}/data.prepared/0/1`]);
    expect(await ledger.runs.find(run)).toMatchObject({ outcome: null, reason: null });
    expect(await ledger.claimed(run, 'sampling')).toMatchObject({ attempt: 0 });
    expect(await auditOf(ledger.dataSource, run)).toMatchObject([{ action: 'resume', ...change }]);
    const audit = await auditOf(ledger.dataSource, replayed.subject);
    expect(audit.at(-1)).toMatchObject({ action: 'dead-replay', ...change, details: { ...replayed, run } });
  });

  it('reopens it as often as it was given up: five more attempts each time, and a new letter', async () => {
    const run = await failed();
    for (let round = 1; round <= 3; round++) {
      const events = await replays.reopen(letter(), sampling(run), change);
      expect(events.map(({ generation }) => generation)).toEqual([round]);
      await exhaust(run, 'sampling');
      expect(await ledger.runs.find(run)).toMatchObject({ outcome: 'failed', reason: 'disk-full' });
    }
  });

  it('is replayed once: the second time it reports who did it', async () => {
    const replayed = letter();
    await replays.refuseRepeated(replayed);
    await replays.reopen(replayed, sampling(await failed()), change);
    await expect(replays.refuseRepeated(replayed)).rejects.toMatchObject({
      code: 'already-replayed',
      message: expect.stringMatching(/ann replayed it at .* \(the disk is free again\)/) as string,
    });
    // The same sequence in a recreated stream is another letter.
    await replays.refuseRepeated({ ...replayed, streamCreated: '2023-02-02T00:00:00Z' });
    await replays.refuseRepeated(letter());
  });

  it('is replayed once by two people at the same time', async () => {
    const run = await failed();
    const answers = await Promise.all(
      Array.from({ length: 4 }, () =>
        replays.reopen(letter(), sampling(run), change).then(
          (events) => events.map(({ generation }) => generation),
          (error: { code: string }) => error.code,
        ),
      ),
    );
    expect(answers.map(String).sort()).toEqual(['1', 'work-queued', 'work-queued', 'work-queued']);
  });

  type Refused = [
    what: string,
    make: () => Promise<{ run: string; stage?: string }>,
    code: string,
    says: RegExp,
  ];
  const refusals: Refused[] = [
    [
      'a run that the ledger does not know',
      () => Promise.resolve({ run: runOf('nobody', 1) }),
      'unknown-run',
      /send a new request/,
    ],
    [
      'work that the ledger does not know',
      async () => ({ run: await ledger.startRun() }),
      'unknown-run',
      /sampling\/0/,
    ],
    [
      'work that is done',
      async () => ({ run: await failed(), stage: 'data-prep' }),
      'work-done',
      /there is nothing to do/,
    ],
    [
      'a run that was cancelled',
      async () => {
        const run = await ledger.startRun();
        await ledger.did(run, 'data-prep', result(draft('data.prepared')));
        await ledger.runs.cancel(run, { who: 'bob', reason: 'wrong range' });
        return { run };
      },
      'run-cancelled',
      /wrong range.*`factory runs resume`/,
    ],
    [
      'a run that another request replaced',
      async () => {
        await ledger.requests.take(request('first', [3]));
        const run = runOf('first', 3);
        await ledger.did(run, 'data-prep', result(draft('data.prepared')));
        await ledger.requests.take(request('second', [3], { force: true }));
        return { run };
      },
      'run-cancelled',
      /superseded by second/,
    ],
    ...(['published', 'kept', 'skipped', 'rejected'] as const).map((outcome): Refused => [
      `a run that ended as ${outcome}`,
      async () => {
        const run = await ledger.startRun();
        await ledger.did(run, 'data-prep', result(draft('data.prepared')));
        await ledger.commits.end(run, { outcome, reason: 'as expected' });
        return { run };
      },
      'run-ended',
      new RegExp(`${outcome}.*send a new request`),
    ]),
    [
      'a product with another run in progress',
      async () => {
        await ledger.requests.take(request('old', [4]));
        const run = runOf('old', 4);
        await ledger.did(run, 'data-prep', result(draft('data.prepared')));
        await exhaust(run, 'sampling');
        await ledger.requests.take(request('new', [4]));
        return { run };
      },
      'already-running',
      /wait for it/,
    ],
    [
      'work that is queued',
      async () => {
        const run = await ledger.startRun();
        await ledger.did(run, 'data-prep', result(draft('data.prepared')));
        return { run };
      },
      'work-queued',
      /it is queued/,
    ],
    [
      'work in progress',
      async () => {
        const run = await ledger.startRun();
        await ledger.did(run, 'data-prep', result(draft('data.prepared')));
        await ledger.claimed(run, 'sampling', '0', 'worker-9');
        return { run };
      },
      'work-in-progress',
      /worker-9 works on it/,
    ],
  ];
  it.each(refusals)(
    'is refused with the reason, and nothing changes: %s',
    async (_what, make, code, says) => {
      const { run, stage = 'sampling' } = await make();
      const before = [await ledger.events(run), await ledger.stage(run, stage)];
      const replayed = letter();
      await expect(replays.reopen(replayed, { run, stage, shard: '0' }, change)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(says) as string,
      });
      expect([await ledger.events(run), await ledger.stage(run, stage)]).toEqual(before);
      await replays.refuseRepeated(replayed);
    },
  );

  describe('of a trial group', () => {
    /** Two groups, the first given up while the run continues. */
    async function groupGivenUp(): Promise<string> {
      const run = await ledger.startRun();
      await ledger.did(run, 'data-prep', result(draft('data.prepared')));
      await ledger.did(run, 'sampling', result(draft('sample.drawn')));
      await ledger.did(
        run,
        'trainer-plan',
        result(draft('trials.queued', 'g0'), draft('trials.queued', 'g1')),
      );
      const claim = await ledger.claimed(run, 'trials', 'g0');
      await ledger.commits.fail({ ...claim, attempt: MAX_ATTEMPTS - 1 }, fault, () => Promise.resolve({}));
      return run;
    }

    it('reopens only that group while the run goes on', async () => {
      const run = await groupGivenUp();
      const work = { run, stage: 'trials', shard: 'g0' };
      const events = await replays.reopen(letter(), work, change);
      expect(events.map(({ messageId }) => messageId)).toEqual([`${run}/trials.queued/g0/1`]);
      expect(await ledger.events(run)).toContain('trials.queued/g1/0');
      expect(await ledger.claimed(run, 'trials', 'g0')).toMatchObject({ attempt: 0 });
    });

    it('is refused once the trials were gathered without it', async () => {
      const run = await groupGivenUp();
      await ledger.change(
        `INSERT INTO factory_stage (run_id, stage, shard, status, input, queued_at)
         VALUES (?, 'gather', '0', 'done', '{}', UTC_TIMESTAMP(6))`,
        [run],
      );
      await expect(
        replays.reopen(letter(), { run, stage: 'trials', shard: 'g0' }, change),
      ).rejects.toMatchObject({
        code: 'work-settled',
      });
    });
  });
});
