import {
  mustSucceed,
  repositoryRoot,
  runFactoryCli,
  startFactory,
  until,
  type Factory,
} from '@factory/testing';
import { troubledUnits, whenEnded } from './outcomes';
import { MixedServices, builtRelease } from './releases';

const SETTING = { calibration: 'isotonic' };

/**
 * Half of the services are of this release, half of one that knows one more field of a policy and writes messages of
 * the next version: this checkout, changed by `tools/releases/next-release.mjs`.
 */
describe('services of two releases side by side', () => {
  let factory: Factory;
  let services: MixedServices;
  let newer: string;

  beforeAll(async () => {
    newer = await builtRelease('--next');
    factory = await startFactory({
      shops: [{ source: 'main', products: ['1:4000:0.12'] }],
      policy: { grid: 'quick', search: 'random', searchTrials: 2, epochs: 2, minSales: 50 },
      services: 0,
    });
    services = new MixedServices(factory, { old: repositoryRoot(), new: newer });
    const set = ['policy', 'set', '1', 'calibration=isotonic', '--reason', 'a setting of the next release'];
    mustSucceed('factory policy set', await runFactoryCli(factory.env, set, newer));
  }, 600_000);
  afterAll(() => factory?.dispose(), 60_000);

  const ask = async (requestId: string): Promise<void> => {
    await factory.json('retrain', '--product', '1', '--request-id', requestId);
  };

  /** A message has come back more than once, and the sweeper has taken it for none that was lost. */
  async function waitsAt(name: string, stage: string): Promise<void> {
    const given = async () => {
      const count = await services.givenBack(name);
      if (count < 2) throw new RangeError(`${name} has given back ${count}`);
      return true;
    };
    await until(given, { what: `a message waits at ${name}`, timeoutMs: 60_000, everyMs: 200 });
    await factory.rows('UPDATE factory_event SET touched_at = touched_at - INTERVAL 1 HOUR');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(services.notices(name)).toHaveLength(1);
    expect(
      await factory.rows(
        `SELECT s.status, CAST(s.token AS CHAR) AS token, CAST(s.attempt AS CHAR) AS attempt, r.outcome
           FROM factory_stage s JOIN factory_run r ON r.run_id = s.run_id
          WHERE s.stage = ? AND s.status <> 'done'`,
        [stage],
      ),
    ).toEqual([{ status: 'queued', token: '0', attempt: '0', outcome: null }]);
  }

  /** Nothing was done twice, announced again, given up, or lost of what the next release has set. */
  async function endedInOrder(runs: number): Promise<void> {
    const ended = await whenEnded(factory, runs);
    expect(ended.map(({ outcome }) => outcome)).toEqual(
      ended.map(() => expect.stringMatching(/^(published|kept|rejected)$/) as string),
    );
    expect(await troubledUnits(factory)).toEqual([]);
    expect(await factory.rows('SELECT event FROM factory_event WHERE generation > 0')).toEqual([]);
    expect(await factory.json('dead', 'list')).toEqual([]);
    const kept = await factory.rows<{ policy: string }>('SELECT policy FROM factory_run');
    expect(kept.map(({ policy }) => JSON.parse(policy) as object)).toEqual(
      kept.map(() => expect.objectContaining(SETTING) as object),
    );
  }

  /** The setting that stages of the last run followed; null of those that do not know it. */
  async function followed(requestKey: string): Promise<Record<string, unknown>> {
    const rows = await factory.rows<{ stage: string; output: string }>(
      `SELECT s.stage, s.output FROM factory_stage s JOIN factory_run r ON r.run_id = s.run_id
        WHERE r.request_key = ? AND s.stage IN ('data-prep', 'sampling', 'trainer-plan', 'evaluator')`,
      [requestKey],
    );
    return Object.fromEntries(
      rows.map(({ stage, output }) => [
        stage,
        (JSON.parse(output) as { followed?: unknown }).followed ?? null,
      ]),
    );
  }

  it('end a run whose later messages wait at older services until those are upgraded', async () => {
    const old = ['old'] as const;
    const [sampling, evaluator] = [['new'], ['new']] as const;
    await services.become({ 'data-prep': old, sampling, trainer: old, evaluator, publisher: old });
    await ask('upgrade');
    await waitsAt('old trainer', 'trainer-plan');
    // Beside the older ones, with which they share their queues.
    await services.also('new trainer', 'new publisher');
    await endedInOrder(1);
    expect(await followed('upgrade')).toEqual({
      'data-prep': null,
      sampling: 'isotonic',
      'trainer-plan': 'isotonic',
      evaluator: 'isotonic',
    });
  }, 300_000);

  it('end a run the other way round', async () => {
    const later = ['new'] as const;
    const old = ['old'] as const;
    await services.become({
      ...{ 'data-prep': later, sampling: old, trainer: later, evaluator: old, publisher: later },
    });
    await ask('other-way');
    await waitsAt('old sampling', 'sampling');
    await services.also('new sampling', 'new evaluator');
    await endedInOrder(2);
    expect(await followed('other-way')).toEqual({
      'data-prep': 'isotonic',
      sampling: 'isotonic',
      'trainer-plan': 'isotonic',
      evaluator: 'isotonic',
    });
  }, 300_000);

  it('end a run after the way back, and keep what the next release had set for another upgrade', async () => {
    const old = ['old'] as const;
    await services.become({ 'data-prep': old, sampling: old, trainer: old, evaluator: old, publisher: old });
    await factory.json('policy', 'set', '1', 'epochs=3', '--reason', 'by the older command line');
    await ask('way-back');
    await endedInOrder(3);
    expect(Object.values(await followed('way-back'))).toEqual([null, null, null, null]);
    const { policy } = JSON.parse(
      mustSucceed(
        'factory policy show',
        await runFactoryCli(factory.env, ['policy', 'show', '1', '--json'], newer),
      ),
    ) as { policy: object };
    expect(policy).toMatchObject({ ...SETTING, epochs: 3 });
  }, 300_000);
});
