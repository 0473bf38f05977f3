import fc from 'fast-check';
import type { Sql } from '../database/transaction';
import type { EventDraft, RunHeader } from '../events/event-drafts';
import { LEAST_BODIES, SpecLedger, candidate, draft, result } from '../spec-ledger';
import type { StageResult } from '../stages/stage-commits';
import { groupStanding, recordGather } from './trial-groups';

const group = (at: number): EventDraft => draft('trials.queued', `g${String(at).padStart(3, '0')}`);

/** What the trainer does when a group is settled: it queues the next one, or gathers after the last one. */
async function settleGroup(sql: Sql, header: RunHeader): Promise<Partial<StageResult>> {
  const { open, outputs, failed, next } = await groupStanding(sql, header.run, 'default');
  if (next) return { events: [next] };
  if (open > 0) return {};
  if (outputs.length === 0) return { end: { outcome: 'failed', reason: 'no-trial-succeeded' } };
  await recordGather(sql, header.run, { groups: outputs.length, failed });
  return {
    events: [{ ...draft('model.trained'), body: { ...LEAST_BODIES['model.trained'], trialsFailed: failed } }],
  };
}

describe('trial groups', () => {
  let ledger: SpecLedger;

  beforeAll(async () => {
    ledger = await SpecLedger.open();
  });

  afterAll(() => ledger.close());

  /** A run with `groups` planned groups, of which `inFlight` are queued. */
  async function planned(groups: number, inFlight: number): Promise<string> {
    const run = await ledger.startRun();
    const drafts = Array.from({ length: groups }, (_, at) => group(at));
    await ledger.did(run, 'data-prep', result(draft('data.prepared')));
    await ledger.did(run, 'sampling', result(draft('sample.drawn')));
    await ledger.did(run, 'trainer-plan', {
      output: {},
      events: drafts.slice(0, inFlight),
      planned: drafts.slice(inFlight),
    });
    return run;
  }

  async function queued(run: string): Promise<string[]> {
    const rows = await ledger.rows(
      "SELECT shard FROM factory_stage WHERE run_id = ? AND stage = 'trials' AND status = 'queued' ORDER BY shard",
      [run],
    );
    return rows.map((row) => String(row['shard']));
  }

  const settle = async (run: string, shard: string, fails: boolean): Promise<string[]> => {
    const claim = await ledger.claimed(run, 'trials', shard);
    if (!fails) {
      const done: StageResult = { output: { candidate }, record: (sql, header) => settleGroup(sql, header) };
      return (await ledger.commits.complete(claim, done, 1)).map(({ shard: next }) => next);
    }
    const broken = await ledger.commits.fail({ ...claim, attempt: 4 }, new TypeError('broken'), settleGroup);
    return broken.kind === 'ended' ? broken.events.map(({ shard: next }) => next) : [];
  };

  it('beyond those in progress wait, and each that ends queues the next in its own commit', async () => {
    const run = await planned(6, 2);
    expect(await queued(run)).toEqual(['g000', 'g001']);
    expect(await settle(run, 'g001', false)).toEqual(['g002']);
    expect(await queued(run)).toEqual(['g000', 'g002']);
    expect(await settle(run, 'g000', true)).toEqual(['g003']);
    expect(await queued(run)).toEqual(['g002', 'g003']);
    const asked = await ledger.stage(run, 'trials', 'g002');
    expect(JSON.parse(String(asked['input']))).toMatchObject({ run, shard: 'g002', pool: 'default' });
    expect(await ledger.runs.find(run)).toMatchObject({ stage: 'trials', outcome: null });
  });

  it('that end in any order at the same time gather exactly once, even if some failed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }).chain((groups) =>
          fc.record({
            fails: fc.array(fc.boolean(), { minLength: groups, maxLength: groups }),
            inFlight: fc.integer({ min: 1, max: groups }),
            waits: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: groups, maxLength: groups }),
          }),
        ),
        async ({ fails, inFlight, waits }) => {
          const groups = fails.length;
          const run = await planned(groups, inFlight);
          const work = async (shard: string): Promise<void> => {
            const at = Number(shard.slice(1));
            await new Promise((resolve) => setTimeout(resolve, waits[at]));
            const next = await settle(run, shard, fails[at] ?? false);
            await Promise.all(next.filter((one) => one.startsWith('g')).map(work));
          };
          await Promise.all((await queued(run)).map(work));

          const failed = fails.filter(Boolean).length;
          const events = await ledger.events(run);
          const trained = events.filter((name) => name.startsWith('model.trained'));
          const gather = await ledger.stage(run, 'gather');
          const { outcome, reason } = await ledger.runs.find(run);
          if (failed === groups) {
            expect([outcome, reason]).toEqual(['failed', 'no-trial-succeeded']);
            expect(events.filter((name) => name.startsWith('run.finished'))).toHaveLength(1);
            expect([trained, gather]).toEqual([[], {}]);
          } else {
            expect(outcome).toBeNull();
            expect(trained).toEqual(['model.trained/0/0']);
            expect(JSON.parse(String(gather['output']))).toEqual({ groups: groups - failed, failed });
            expect(await ledger.stage(run, 'evaluator')).toMatchObject({ status: 'queued', attempt: 0 });
          }
        },
      ),
      { numRuns: 25, seed: 20230401 },
    );
  }, 60_000);

  it('that failed stay failed when the run is resumed after gathering', async () => {
    const run = await planned(2, 2);
    await settle(run, 'g000', true);
    await settle(run, 'g001', false);
    await ledger.commits.end(run, { outcome: 'failed', reason: 'deadline-exceeded' });
    const events = await ledger.runs.resume(run, { who: 'spec', reason: 'more time' });
    expect(events.map(({ messageId }) => messageId)).toEqual([`${run}/model.trained/0/1`]);
    expect(await ledger.stage(run, 'trials', 'g000')).toMatchObject({ status: 'failed' });
  });

  it('that all failed are retried when the run is resumed', async () => {
    const run = await planned(2, 1);
    await ledger.change("UPDATE factory_stage SET note = '{}' WHERE run_id = ?", [run]);
    await settle(run, 'g000', true);
    await settle(run, 'g001', true);
    expect(await ledger.runs.find(run)).toMatchObject({ outcome: 'failed', reason: 'no-trial-succeeded' });
    await ledger.runs.resume(run, { who: 'spec', reason: 'driver fixed' });
    expect(await queued(run)).toEqual(['g000', 'g001']);
    expect(await ledger.stage(run, 'trials', 'g000')).toMatchObject({ note: null });
    await settle(run, 'g000', false);
    await settle(run, 'g001', false);
    expect(await ledger.events(run)).toContain('model.trained/0/0');
  });
});
