import { MESSAGE_VERSION } from '@factory/contracts';
import { BadInputError, NewerVersionError, ServerAwayError } from '@factory/domain';
import { connectLedger, migrateLedger, sqlOf } from '@factory/ledger';
import { connectBroker, factoryPlan, JetStreamPublisher, provision } from '@factory/messaging';
import { restartableServer, until, type RestartableServer } from '@factory/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { Announcer } from './announcer';
import { CHAIN, messageOf, sha256Of, SpecProcess, STEPS, World, type CrashPoint } from './spec-chain';

const STREAM = 'FACTORY';
const ACK_WAIT_SECONDS = 0.5;

describe('a stage’s work', () => {
  let broker: RestartableServer;
  let database: RestartableServer;
  let connection: NatsConnection;
  let dataSource: DataSource;
  let world: World;

  beforeAll(async () => {
    [broker, database] = await Promise.all([restartableServer('broker'), restartableServer('database')]);
    connection = await connectBroker({ url: broker.env['NATS_URL']!, name: 'spec' });
    await provision(connection, { ...factoryPlan(), ackWaitSeconds: ACK_WAIT_SECONDS });
    dataSource = await connectLedger(database.env['FACTORY_DATABASE_URL']!);
    await migrateLedger(dataSource);
    world = new World(connection, dataSource);
  }, 60_000);

  beforeEach(async () => {
    await (await jetstreamManager(connection)).streams.purge(STREAM);
    world.worked.length = 0;
  });

  afterAll(async () => {
    await dataSource?.destroy();
    await connection?.close();
    await Promise.all([broker?.dispose(), database?.dispose()]);
  }, 60_000);

  /** Serves with processes that die one after another, then with one that lives, until the run has ended. */
  async function outlive(crashes: readonly CrashPoint[], heal: () => Promise<unknown>): Promise<string> {
    const event = await world.commitRun();
    await new Announcer(world.log, new JetStreamPublisher(connection)).announce([event]);
    for (const crash of crashes) {
      const mortal = new SpecProcess(world, `dies before ${crash.before} of ${crash.stage}`, crash);
      const stop = new AbortController();
      const serving = mortal.serve(stop.signal);
      await Promise.race([mortal.died, untilEnded(event.run)]);
      stop.abort();
      await serving;
      await heal();
    }
    const stop = new AbortController();
    const serving = new SpecProcess(world, 'lives').serve(stop.signal);
    await untilEnded(event.run);
    stop.abort();
    await serving;
    return event.run;
  }

  /** Until the run has ended, everything is announced, and no message is left unacknowledged. */
  async function untilEnded(run: string): Promise<void> {
    const manager = await jetstreamManager(connection);
    await until(
      async () => {
        if ((await world.runs.find(run)).outcome === null) return false;
        if ((await world.log.unpublished(run)).length > 0) return false;
        const infos = await Promise.all(
          ['data-prep', 'sampling'].map((durable) => manager.consumers.info(STREAM, durable)),
        );
        return infos.every((info) => info.num_pending + info.num_ack_pending === 0);
      },
      { what: `run ${run} has ended`, timeoutMs: 20_000, everyMs: 30 },
    );
  }

  async function expectOneOutcome(run: string): Promise<void> {
    expect(await world.runs.find(run)).toMatchObject({ outcome: 'kept', reason: 'end of the chain' });
    const events = await sqlOf(dataSource).rows(
      'SELECT event FROM factory_event WHERE run_id = ? ORDER BY event',
      [run],
    );
    expect(events.map(({ event }) => event)).toEqual(['data.prepared', 'run.finished', 'run.queued']);
    const reports = await sqlOf(dataSource).rows(
      'SELECT outcome FROM attrib_propensity_model_run WHERE run_id = ?',
      [run],
    );
    expect(reports).toEqual([{ outcome: 'kept' }]);
    for (const stage of CHAIN) {
      const row = await world.stage(run, stage);
      expect(row['status']).toBe('done');
      const { key, sha256 } = JSON.parse(String(row['output'])) as { key: string; sha256: string };
      expect(key).toContain(`/${String(row['token'])}/`);
      expect(sha256Of(world.files.get(key) ?? '')).toBe(sha256);
    }
  }

  const everywhere = CHAIN.flatMap((stage) => STEPS.map((before) => ({ stage, before })));
  /** The crashes that leave a lease behind: the claim then ends by expiry. */
  const costsAnAttempt = ({ before }: CrashPoint): boolean => ['work', 'artefact', 'commit'].includes(before);

  it.each(everywhere)(
    'killed before $before of $stage has one outcome after redelivery',
    async (crash) => {
      const run = await outlive([crash], () => world.expireLeases());
      await expectOneOutcome(run);
      expect(await world.messagesOf(run)).toEqual([
        `${run}/run.queued/0/0`,
        `${run}/data.prepared/0/0`,
        `${run}/run.finished/0/0`,
      ]);
      for (const stage of CHAIN) {
        const lost = stage === crash.stage && costsAnAttempt(crash) ? 1 : 0;
        expect(await world.stage(run, stage)).toMatchObject({ attempt: lost, token: 1 + lost });
      }
      const again = ['artefact', 'commit'].includes(crash.before) ? 1 : 0;
      expect(world.worked).toHaveLength(CHAIN.length + again);
    },
    30_000,
  );

  it.each(everywhere)(
    'killed before $before of $stage has one outcome even if the broker lost all messages',
    async (crash) => {
      const run = await outlive([crash], async () => {
        await (await jetstreamManager(connection)).streams.purge(STREAM);
        await world.expireLeases();
        await world.sweep();
      });
      await expectOneOutcome(run);
    },
    30_000,
  );

  it('killed repeatedly has one outcome, and uses attempts for the crashes only', async () => {
    const crash = fc.constantFrom(...everywhere.filter(({ before }) => before !== 'rest'));
    await fc.assert(
      fc.asyncProperty(fc.array(crash, { minLength: 2, maxLength: 4 }), async (crashes) => {
        const run = await outlive(crashes, () => world.expireLeases());
        await expectOneOutcome(run);
        for (const stage of CHAIN) {
          const most = crashes.filter((one) => one.stage === stage && costsAnAttempt(one)).length;
          expect(Number((await world.stage(run, stage))['attempt'])).toBeLessThanOrEqual(most);
        }
      }),
      { numRuns: 8, seed: 20230401 },
    );
  }, 120_000);

  it('delivered to two workers at the same time is done by one', async () => {
    const event = await world.commitRun();
    const gate = closedGate();
    const [one, two] = ['one', 'two'].map((name) => new SpecProcess(world, name)) as [
      SpecProcess,
      SpecProcess,
    ];
    const outcomes = [one, two].map((process) =>
      process.handle('data-prep', messageOf(event), () => gate.opened),
    );
    await Promise.race(outcomes);
    gate.open();
    expect((await Promise.all(outcomes)).map(({ kind }) => kind).sort()).toEqual(['busy', 'done']);
    expect(world.worked).toEqual([`${event.run}/data-prep`]);
  });

  it('finished by a worker that lost its lease is refused: the output of its successor is kept', async () => {
    const event = await world.commitRun();
    const gate = closedGate();
    const zombie = new SpecProcess(world, 'zombie').handle('data-prep', messageOf(event), () => gate.opened);
    await until(() => world.worked.length === 1, { what: 'the zombie works' });
    await world.expireLeases();
    const heir = new SpecProcess(world, 'heir');
    expect(await heir.handle('data-prep', messageOf(event))).toEqual({ kind: 'done' });
    gate.open();
    expect(await zombie).toEqual({ kind: 'busy' });
    const output = JSON.parse(String((await world.stage(event.run, 'data-prep'))['output'])) as {
      key: string;
    };
    expect(output.key).toContain('/2/');
    expect(await heir.handle('data-prep', messageOf(event))).toEqual({ kind: 'repeated' });
    expect((await world.messagesOf(event.run)).filter((id) => id.includes('data.prepared'))).toHaveLength(1);
  });

  it('ends before its lease is renewed when the run is cancelled and all workers are asked to check', async () => {
    const event = await world.commitRun();
    const listeners = new Set<(run: string) => void>();
    const process = new SpecProcess(world, 'watches', undefined, (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    });
    const outcome = process.handle('data-prep', messageOf(event), ({ signal }) => untilAborted(signal));
    await until(() => world.worked.length === 1, { what: 'the work has begun' });
    await world.runs.cancel(event.run, { who: 'spec', reason: 'enough' });
    const asked = performance.now();
    for (const listener of listeners) listener(event.run);
    expect(await outcome).toEqual({ kind: 'busy' });
    expect(performance.now() - asked).toBeLessThan(5_000);
    expect(listeners.size).toBe(0);
    expect(await process.handle('data-prep', messageOf(event))).toEqual({ kind: 'ended' });
    expect(await world.messagesOf(event.run)).toContain(`${event.run}/run.finished/0/0`);
  });

  it('is given back when the service stops, and uses no attempt', async () => {
    const event = await world.commitRun();
    const stopping = new AbortController();
    const outcome = new SpecProcess(world, 'stops').handle(
      'data-prep',
      messageOf(event, stopping.signal),
      ({ signal }) => untilAborted(signal),
    );
    await until(() => world.worked.length === 1, { what: 'the work has begun' });
    stopping.abort(new RangeError('drain'));
    expect(await outcome).toEqual({ kind: 'stopped' });
    expect(await world.stage(event.run, 'data-prep')).toMatchObject({ status: 'queued', attempt: 0 });
  });

  it('that cannot reach a server uses no attempt; the message waits', async () => {
    const event = await world.commitRun();
    const process = new SpecProcess(world, 'waits');
    const outcome = await process.handle('data-prep', messageOf(event), () =>
      Promise.reject(new ServerAwayError('store')),
    );
    expect(outcome).toMatchObject({ kind: 'unavailable', error: { code: 'store-away' } });
    expect(await world.stage(event.run, 'data-prep')).toMatchObject({ status: 'queued', attempt: 0 });
  });

  describe('of a later release', () => {
    const newer = (body: unknown): object => ({ ...(body as object), v: MESSAGE_VERSION + 1 });

    it('is left to a service that can read it: not claimed, not counted', async () => {
      const event = await world.commitRun();
      const asked = { ...event, body: { ...newer(event.body), shard: { of: 'another shape' } } };
      const outcome = await new SpecProcess(world, 'older').handle('data-prep', messageOf(asked));
      expect(outcome).toMatchObject({ kind: 'newer', deliveryCount: 1, error: { code: 'newer-version' } });
      expect(await world.stage(event.run, 'data-prep')).toMatchObject({ status: 'queued', token: 0 });
    });

    it('is given back without using an attempt if only the ledger shows it', async () => {
      const event = await world.commitRun();
      await sqlOf(dataSource).change('UPDATE factory_stage SET input = ? WHERE run_id = ?', [
        JSON.stringify({ ...newer(event.body), end: null }),
        event.run,
      ]);
      const outcome = await new SpecProcess(world, 'older').handle('data-prep', messageOf(event));
      expect(outcome).toMatchObject({ kind: 'newer' });
      expect(await world.stage(event.run, 'data-prep')).toMatchObject({ status: 'queued', attempt: 0 });
    });

    it.each(['{"grid":"huge"}', '{"epochs":20000}', '{"deadlineSeconds":null}'])(
      'is given back without using an attempt if its policy (%s) has a value of that release',
      async (policy) => {
        const event = await world.commitRun();
        await sqlOf(dataSource).change('UPDATE factory_run SET policy = ? WHERE run_id = ?', [
          policy,
          event.run,
        ]);
        for (let delivery = 1; delivery <= 6; delivery++)
          expect(await new SpecProcess(world, 'older').handle('data-prep', messageOf(event))).toMatchObject({
            kind: 'newer',
            error: { message: expect.stringMatching(/^policy\./) as string },
          });
        expect(await world.stage(event.run, 'data-prep')).toMatchObject({ status: 'queued', attempt: 0 });
        expect(await world.runs.find(event.run)).toMatchObject({ outcome: null });
      },
    );

    it.each([
      ['a file', new NewerVersionError('manifest.json.schemaVersion', 2, 1)],
      ['a family of models', new NewerVersionError('trial.family', 'forest', ['network'])],
    ])('is given back without using an attempt if %s is of that release', async (_, newer) => {
      const event = await world.commitRun();
      const older = new SpecProcess(world, 'older');
      for (let delivery = 1; delivery <= 6; delivery++)
        expect(await older.handle('data-prep', messageOf(event), () => Promise.reject(newer))).toMatchObject({
          kind: 'newer',
        });
      expect(await world.stage(event.run, 'data-prep')).toMatchObject({ status: 'queued', attempt: 0 });
      expect(await new SpecProcess(world, 'newer').handle('data-prep', messageOf(event))).toEqual({
        kind: 'done',
      });
    });
  });

  it('ends its run if the policy of the run cannot be read', async () => {
    const event = await world.commitRun();
    await sqlOf(dataSource).change("UPDATE factory_run SET policy = '[1]' WHERE run_id = ?", [event.run]);
    expect(await new SpecProcess(world, 'reads').handle('data-prep', messageOf(event))).toEqual({
      kind: 'ended',
    });
    expect(await world.runs.find(event.run)).toMatchObject({
      outcome: 'failed',
      reason: 'unreadable-policy',
    });
  });

  it('failed five times ends the run; the dead letter survives a crash before it was stored', async () => {
    const event = await world.commitRun();
    const process = new SpecProcess(world, 'fails');
    const kinds: string[] = [];
    for (let delivery = 1; delivery <= 6; delivery++) {
      const outcome = await process.handle('data-prep', messageOf(event), () =>
        Promise.reject(new RangeError('no luck')),
      );
      kinds.push(outcome.kind);
      if (outcome.kind === 'exhausted') expect(outcome.attempt).toBe(5);
    }
    expect(kinds).toEqual(['retry', 'retry', 'retry', 'retry', 'exhausted', 'exhausted']);
    expect(world.worked).toHaveLength(5);
    expect(await world.messagesOf(event.run)).toContain(`${event.run}/run.finished/0/0`);
  });

  it('with a permanent error fails once, and is not a dead letter', async () => {
    const event = await world.commitRun();
    const process = new SpecProcess(world, 'refuses');
    const bad = new BadInputError('constant-label', { field: 'goal', value: 'sale', todo: 'choose another' });
    const outcome = await process.handle('data-prep', messageOf(event), () => Promise.reject(bad));
    expect(outcome).toEqual({ kind: 'ended' });
    expect(await world.runs.find(event.run)).toMatchObject({ outcome: 'failed', reason: 'constant-label' });
    expect(await process.handle('data-prep', messageOf(event))).toEqual({ kind: 'repeated' });
  });

  it('whose message cannot be read or is unknown to the ledger is not tried', async () => {
    const event = await world.commitRun();
    const process = new SpecProcess(world, 'reads');
    const garbage = { ...messageOf(event), data: new TextEncoder().encode('{"run": 3}') };
    expect(await process.handle('data-prep', garbage)).toMatchObject({ kind: 'invalid' });
    const stranger = {
      ...event,
      body: { ...(event.body as object), run: '0190c5a0-0000-7000-8000-000000000000' },
    };
    expect(await process.handle('data-prep', messageOf(stranger))).toMatchObject({
      kind: 'invalid',
      error: { code: 'unknown-run' },
    });
    expect(world.worked).toEqual([]);
  });

  it('whose broker is unavailable after the commit is published once when it is back', async () => {
    const event = await world.commitRun();
    const process = new SpecProcess(world, 'cut off');
    const first = await process.handle('data-prep', messageOf(event), () => broker.kill());
    expect(first).toMatchObject({ kind: 'unavailable', error: { code: 'broker-away' } });
    await broker.start();
    await until(() => connection.rtt().then(() => true), { what: 'the broker is back', timeoutMs: 20_000 });
    expect(await process.handle('data-prep', messageOf(event))).toEqual({ kind: 'repeated' });
    expect(world.worked).toEqual([`${event.run}/data-prep`]);
    const prepared = (await world.messagesOf(event.run)).filter((id) => id.includes('data.prepared'));
    expect(prepared).toEqual([`${event.run}/data.prepared/0/0`]);
  }, 60_000);

  it('whose store is unavailable after the commit is not acknowledged until its effects are written', async () => {
    const event = await world.commitRun();
    let writes = 0;
    const afterCommit = async (): Promise<void> => {
      writes++;
      if (writes === 1) throw new ServerAwayError('store');
    };
    const process = new SpecProcess(world, 'follows up');
    expect(await process.handle('data-prep', messageOf(event), undefined, { afterCommit })).toEqual({
      kind: 'done',
    });
    expect(writes).toBe(2);
    expect(await world.messagesOf(event.run)).toContain(`${event.run}/data.prepared/0/0`);
  });

  it('whose database becomes unavailable keeps its result until it is back, and uses no attempt', async () => {
    const event = await world.commitRun();
    const process = new SpecProcess(world, 'patient');
    let isGone = false;
    const outcome = process.handle('data-prep', messageOf(event), async () => {
      await database.kill();
      isGone = true;
    });
    await until(() => Promise.resolve(isGone), { what: 'the database is gone', timeoutMs: 20_000 });
    const meanwhile = new SpecProcess(world, 'another').handle('sampling', messageOf(event));
    expect(await meanwhile).toMatchObject({ kind: 'invalid' });
    expect(await new SpecProcess(world, 'third').handle('data-prep', messageOf(event))).toMatchObject({
      kind: 'unavailable',
      error: { code: 'database-away' },
    });
    await database.start();
    expect(await outcome).toEqual({ kind: 'done' });
    expect(await world.stage(event.run, 'data-prep')).toMatchObject({ status: 'done', attempt: 0, token: 1 });
  }, 60_000);

  it('that failed because of a server is not acknowledged until the database has released its claim', async () => {
    const event = await world.commitRun();
    const process = new SpecProcess(world, 'held');
    let answered = false;
    const outcome = process
      .handle('data-prep', messageOf(event), async () => {
        await database.kill();
        throw new ServerAwayError('store');
      })
      .finally(() => {
        answered = true;
      });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(answered).toBe(false);
    await database.start();
    expect(await outcome).toMatchObject({ kind: 'unavailable' });
    expect(await world.stage(event.run, 'data-prep')).toMatchObject({ status: 'queued', attempt: 0 });
  }, 60_000);
});

function closedGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}
