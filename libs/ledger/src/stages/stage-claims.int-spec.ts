import { SpecLedger, draft, result } from '../spec-ledger';
import { ClaimLostError } from './stage-commits';

describe('claims', () => {
  let ledger: SpecLedger;

  beforeAll(async () => {
    ledger = await SpecLedger.open();
  });

  afterAll(() => ledger.close());

  it('contain what the run was started with', async () => {
    const run = await ledger.startRun({ deadlineSeconds: 77 });
    const claim = await ledger.claimed(run);
    expect(claim).toMatchObject({ token: 1, attempt: 0, afterExpiry: false, note: null, untilStage: null });
    expect(claim.input).toMatchObject({ v: 1, run, source: 'main', goal: 'sale', shard: '0', grid: 'quick' });
    expect(claim.policy).toMatchObject({ deadlineSeconds: 77, pool: 'default' });
    const { lease_owner: owner, status } = await ledger.stage(run, 'data-prep');
    expect([owner, status]).toEqual(['spec', 'leased']);
  });

  it('are granted to exactly one of many that ask at the same time', async () => {
    const run = await ledger.startRun();
    const work = { run, stage: 'data-prep', shard: '0' };
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) => ledger.claims.claim(work, `w${at}`)),
    );
    expect(answers.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === 'busy')).toHaveLength(11);
  });

  it('refuse unknown work and work of a run that is over', async () => {
    const run = await ledger.startRun();
    expect(await ledger.claims.claim({ run, stage: 'sampling', shard: '0' }, 'w')).toEqual({
      kind: 'unknown',
    });
    await ledger.runs.cancel(run, { who: 'spec', reason: 'enough' });
    expect(await ledger.claims.claim({ run, stage: 'data-prep', shard: '0' }, 'w')).toEqual({
      kind: 'ended',
    });
  });

  it('count as an attempt when they expire, and go to the next worker with a higher token', async () => {
    const run = await ledger.startRun();
    const first = await ledger.claimed(run);
    await ledger.expire(first);
    const second = await ledger.claimed(run);
    expect(second).toMatchObject({ token: 2, attempt: 1, afterExpiry: true });
  });

  it('that expired are not taken for a while by a process that has just lost its servers', async () => {
    const run = await ledger.startRun();
    const claim = await ledger.claimed(run);
    await ledger.expire(claim);
    expect(await ledger.claims.claim(claim, 'other', true)).toEqual({ kind: 'busy' });
    await ledger.claims.release(claim);
    expect(await ledger.claims.claim(claim, 'other', true)).toMatchObject({
      kind: 'claimed',
      claim: { attempt: 0, token: 2, afterExpiry: false },
    });
  });

  it('released use no attempt', async () => {
    const run = await ledger.startRun();
    await ledger.claims.release(await ledger.claimed(run));
    expect(await ledger.claimed(run)).toMatchObject({ attempt: 0, token: 2 });
  });

  it('are renewed while they are ours, and their seconds are counted', async () => {
    const run = await ledger.startRun();
    const claim = await ledger.claimed(run);
    await ledger.change(
      `UPDATE factory_stage SET lease_renewed_at = lease_renewed_at - INTERVAL 8 SECOND,
              lease_expires_at = UTC_TIMESTAMP(6) + INTERVAL 5 SECOND WHERE run_id = ?`,
      [run],
    );
    expect(await ledger.claims.renew(claim)).toBe(true);
    const [row] = await ledger.rows(
      `SELECT claimed_seconds, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), lease_expires_at) AS lives
         FROM factory_stage WHERE run_id = ?`,
      [run],
    );
    expect(Number(row?.['claimed_seconds'])).toBeGreaterThanOrEqual(8);
    expect(Number(row?.['claimed_seconds'])).toBeLessThan(12);
    expect(Number(row?.['lives'])).toBeGreaterThanOrEqual(25);
  });

  it('count at most one lease for a gap without renewal: an outage is not work time', async () => {
    const run = await ledger.startRun();
    const claim = await ledger.claimed(run);
    await ledger.change(
      'UPDATE factory_stage SET lease_renewed_at = lease_renewed_at - INTERVAL 10 MINUTE WHERE run_id = ?',
      [run],
    );
    await ledger.claims.release(claim);
    expect((await ledger.stage(run, 'data-prep'))['claimed_seconds']).toBe(30);
  });

  it('cannot be renewed, released or completed by a worker that lost them', async () => {
    const run = await ledger.startRun();
    const zombie = await ledger.claimed(run);
    await ledger.expire(zombie);
    const heir = await ledger.claimed(run);
    expect(await ledger.claims.renew(zombie)).toBe(false);
    await ledger.claims.release(zombie);
    await ledger.claims.note(zombie, { trial: 1 });
    await expect(ledger.commits.complete(zombie, result(draft('data.prepared')), 1)).rejects.toThrow(
      ClaimLostError,
    );
    await expect(ledger.commits.fail(zombie, new TypeError('late'))).rejects.toThrow(ClaimLostError);
    expect(await ledger.stage(run, 'data-prep')).toMatchObject({ status: 'leased', token: 2, note: null });
    expect(await ledger.events(run)).toEqual(['run.queued/0/0']);
    await ledger.commits.complete(heir, result(draft('data.prepared')), 1);
    expect(await ledger.events(run)).toEqual(['data.prepared/0/0', 'run.queued/0/0']);
  });

  it('are lost when the run is cancelled', async () => {
    const run = await ledger.startRun();
    const claim = await ledger.claimed(run);
    await ledger.runs.cancel(run, { who: 'spec', reason: '' });
    expect(await ledger.claims.renew(claim)).toBe(false);
    await expect(ledger.commits.complete(claim, result(), 1)).rejects.toThrow(ClaimLostError);
  });

  it('pass on the notes to the worker that takes over', async () => {
    const run = await ledger.startRun();
    const claim = await ledger.claimed(run);
    await ledger.claims.note(claim, { trial: 3 });
    await ledger.expire(claim);
    expect((await ledger.claimed(run)).note).toEqual({ trial: 3 });
  });

  it('of work that failed for good report that, and whether its attempts were used up', async () => {
    const [tried, refused] = [await ledger.startRun(), await ledger.startRun()];
    await ledger.change('UPDATE factory_stage SET attempt = 4 WHERE run_id = ?', [tried]);
    await ledger.commits.fail(await ledger.claimed(tried), new TypeError('again'));
    const work = { stage: 'data-prep', shard: '0' };
    expect(await ledger.claims.claim({ run: tried, ...work }, 'w')).toMatchObject({
      kind: 'failed',
      dead: true,
      attempt: 5,
      error: { code: 'unexpected', message: 'again' },
    });
    await ledger.commits.fail(
      await ledger.claimed(refused),
      new ClaimLostError(await ledger.claimed(await ledger.startRun())),
    );
    expect(await ledger.claims.claim({ run: refused, ...work }, 'w')).toMatchObject({
      kind: 'failed',
      dead: false,
    });
  });
});
