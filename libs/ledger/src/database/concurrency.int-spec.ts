import { SpecLedger, draft, request, result, runOf } from '../spec-ledger';
import { ClaimLostError } from '../stages/stage-commits';

const PRODUCTS = 12;
const WORKERS = 8;
const ROUNDS = 40;
const STAGES = {
  'data-prep': 'data.prepared',
  sampling: 'sample.drawn',
  'trainer-plan': 'model.trained',
} as const;

/** Small seeded generator (mulberry32): the same sequence of actions each time, whatever the timing. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

describe('everything at once', () => {
  let ledger: SpecLedger;

  beforeAll(async () => {
    ledger = await SpecLedger.open();
  });

  afterAll(() => ledger.close());

  it('claims, renewals, commits, failures, cancels, resumes, forced requests and sweeps: no error, one end per run', async () => {
    const products = Array.from({ length: PRODUCTS }, (_, at) => at + 1);
    await ledger.requests.take(request('q0', products));
    const keys = ['q0'];
    const change = { who: 'spec', reason: 'stress' };

    const work = async (random: () => number, run: string): Promise<void> => {
      const names = Object.keys(STAGES) as (keyof typeof STAGES)[];
      const stage = names[Math.floor(random() * names.length)] ?? 'data-prep';
      const answer = await ledger.claims.claim({ run, stage, shard: '0' }, 'w');
      if (answer.kind === 'exhausted')
        return void (await ledger.commits.fail(answer.claim, new TypeError('up')));
      if (answer.kind !== 'claimed') return;
      const { claim } = answer;
      await ledger.claims.renew(claim);
      const move = random();
      if (move < 0.2) return ledger.claims.release(claim);
      if (move < 0.3) return ledger.expire(claim);
      if (move < 0.4) return void (await ledger.commits.fail(claim, new TypeError('stress')));
      const end = { outcome: 'published', reason: 'done' } as const;
      const done = result(draft(STAGES[stage]));
      await ledger.commits.complete(claim, move < 0.5 ? { ...done, end } : done, 1);
    };

    const worker = async (seed: number): Promise<void> => {
      const random = randomFrom(seed);
      for (let round = 0; round < ROUNDS; round++) {
        const key = keys[Math.floor(random() * keys.length)] ?? 'q0';
        const run = runOf(key, 1 + Math.floor(random() * PRODUCTS));
        const move = random();
        const unlessGone = (error: unknown): void => {
          const expected = ['unknown-run', 'run-not-resumable', 'already-running'];
          if (error instanceof ClaimLostError || expected.includes((error as { code: string }).code)) return;
          throw error;
        };
        if (move < 0.75) await work(random, run).catch(unlessGone);
        else if (move < 0.8) await ledger.runs.cancel(run, change).catch(unlessGone);
        else if (move < 0.88) await ledger.runs.resume(run, change).catch(unlessGone);
        else if (move < 0.93) await ledger.orphans.deadlines();
        else {
          const next = `q${keys.length}-${seed}`;
          await ledger.requests.take(request(next, products, { force: move > 0.97 }));
          keys.push(next);
        }
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, (_, at) => worker(at + 1)));

    const [inFlight] = await ledger.rows(
      'SELECT COUNT(*) AS runs, COUNT(DISTINCT product) AS products FROM factory_run WHERE active = 1',
    );
    expect(Number(inFlight?.['runs'])).toBe(Number(inFlight?.['products']));
    const odd = await ledger.rows(
      'SELECT run_id FROM factory_run WHERE (outcome IS NULL) <> (active IS NOT NULL) OR (outcome IS NULL) <> (finished_at IS NULL)',
    );
    expect(odd).toEqual([]);
    const ends = await ledger.rows(
      `SELECT r.run_id, r.resumes + (r.outcome IS NOT NULL) AS ended, COUNT(e.event) AS announced
         FROM factory_run r LEFT JOIN factory_event e ON e.run_id = r.run_id AND e.event = 'run.finished'
        GROUP BY r.run_id, r.resumes, r.outcome HAVING ended <> announced`,
    );
    expect(ends).toEqual([]);
    const unasked = await ledger.rows(
      `SELECT s.run_id FROM factory_stage s
         LEFT JOIN factory_event e ON e.run_id = s.run_id AND e.stage = s.stage AND e.shard = s.shard
        WHERE e.event IS NULL`,
    );
    expect(unasked).toEqual([]);
  }, 120_000);
});
